package conformance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"deltatrace/traceability"
	"deltatrace/traceability/client"
)

// Prefix begins the ids of all shops that a run declares: it sorts before what
// platforms number their shops with.
const Prefix = "0-conformance-"

// Config says what is tried. API must have the platform's key.
type Config struct {
	API      *client.Client
	HTTP     *http.Client    // for what the client would not do, such as sending a token twice
	Address  string          // of the API
	Shops    []Expected      // the platform's own, to be verified; may be empty
	Receiver *Receiver       // the platform's own receiver of deliveries; nil: not tried
	Skip     map[string]bool // checks by their ids
}

// Status is how a check ended.
type Status string

// The statuses.
const (
	Passed  Status = "pass"
	Failed  Status = "fail"
	Skipped Status = "skip"
)

// Result is what came of a check.
type Result struct {
	Check   string `json:"check"`
	Status  Status `json:"status"`
	TitleZH string `json:"title_zh"`
	TitleEN string `json:"title_en"`
	ZH      string `json:"zh,omitzero"` // why it failed or was skipped, or what was seen
	EN      string `json:"en,omitzero"`
	Millis  int64  `json:"ms"`
}

// verdict is how a check ends early: it failed, was skipped, or has something to say.
type verdict struct {
	status Status
	zh, en string
}

// Error implements error.
func (v *verdict) Error() string { return v.en }

// fail says what was found and what was expected.
func fail(zh, en string, args ...any) error {
	return &verdict{Failed, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
}

func skip(zh, en string) error { return &verdict{Skipped, zh, en} }

// seen passes, and says what was seen.
func seen(zh, en string, args ...any) error {
	return &verdict{Passed, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
}

// check is one thing that is tried.
type check struct {
	id, zh, en string
	needs      string // the check without which it cannot be tried
	try        func(*trial, context.Context) error
}

// checks lists everything, in the order in which it is tried.
func checks() []check {
	return []check{
		{"clock", "本机时钟与服务器一致", "this machine's clock agrees with the server's", "", (*trial).clock},
		{"token", "令牌：无令牌被拒绝，有令牌被接受，同一令牌不能用第二次", "a token is asked for, taken, and not taken twice", "", (*trial).token},
		{"declare", "申报店铺并读回", "shops are declared and read back", "token", (*trial).declare},
		{"idempotency", "同一文档重复提交，答复相同，不重复写入", "the same document again is answered the same, and written once", "declare", (*trial).again},
		{"conflict", "同一 ref 不同内容被拒绝", "other content under the same ref is refused", "declare", (*trial).conflict},
		{"verify", "核验：每种问题得到对应代码", "verification gives each fault its code", "declare", (*trial).verify},
		{"malformed", "格式有误的店铺单独答复，不影响其他店铺", "a malformed shop is answered by its problem and harms no other", "token", (*trial).malformed},
		{"own_shops", "核验本平台提供的店铺", "the platform's own shops are verified", "token", (*trial).own},
		{"stream", "逐行核验：顺序一致，结论与数组方式相同", "the stream answers in order, and as the array does", "verify", (*trial).stream},
		{"due", "未核验的店铺列入到期清单", "shops that were never verified fall due", "declare", (*trial).due},
		{"claims_better", "优于登记数据的核验记录被拒绝", "a record that claims better than the register is refused", "verify", (*trial).claimsBetter},
		{"record", "核验结果记录在账本上，并从到期清单移出", "the outcome is recorded as signed evidence, and no longer due", "verify", (*trial).record},
		{"feed", "信号流：按游标续读，不漏不重", "the feed goes on after its cursor, without a gap or a double", "token", (*trial).feed},
		{"quota", "超出配额得到 429 与 Retry-After，等待后恢复", "beyond the quota there is 429 with Retry-After, and after the wait an answer", "token", (*trial).quota},
		{"keys", "投递签名公钥可读取", "the keys of deliveries can be read", "", (*trial).keys},
		{"webhook_unsigned", "接收端拒绝无签名的投递", "the receiver refuses a delivery without a signature", "keys", (*trial).unsigned},
		{"webhook_stranger", "接收端拒绝他人签名的投递", "the receiver refuses a stranger's signature", "keys", (*trial).stranger},
		{"webhook_genuine", "接收端接受真实签名的投递", "the receiver takes a genuine delivery", "", (*trial).genuine},
		{"webhook_again", "接收端对重复投递仍答 2xx", "the receiver answers 2xx to the same delivery again", "webhook_genuine", (*trial).genuineAgain},
		{"webhook_changed", "接收端拒绝正文被改动的投递", "the receiver refuses a delivery whose body was changed", "webhook_genuine", (*trial).changed},
		{"webhook_old", "接收端拒绝过期的签名", "the receiver refuses an old signature", "webhook_genuine", (*trial).old},
		{"webhook_elsewhere", "接收端拒绝签给其他地址的投递", "the receiver refuses a delivery that was signed for another address", "webhook_genuine", (*trial).elsewhere},
		{"webhook_delivered", "账本登记的接收地址投递正常", "deliveries to the address on the ledger arrive", "token", (*trial).delivered},
		{"remove", "测试店铺下架", "the shops of this run are taken off", "declare", (*trial).remove},
	}
}

// Known reports whether a check has this id.
func Known(id string) bool {
	return slices.ContainsFunc(checks(), func(c check) bool { return c.id == id })
}

// Run tries everything, tells of each check as it ends, and returns whether none
// failed. However it ends, it takes off the shops that it declared.
func Run(ctx context.Context, config Config, each func(Result)) bool {
	t := &trial{Config: config, began: traceability.Instant(time.Now())}
	nonce := make([]byte, 4)
	_, _ = rand.Read(nonce) // never fails
	t.name = "conformance-" + hex.EncodeToString(nonce)
	t.shops = testShops(Prefix + hex.EncodeToString(nonce) + "-")
	defer t.leave(ctx)
	ended, good := make(map[string]Status), true
	for _, c := range checks() {
		result := Result{Check: c.id, Status: Passed, TitleZH: c.zh, TitleEN: c.en}
		began := time.Now()
		err := t.run(ctx, c, ended)
		result.Millis = time.Since(began).Milliseconds()
		var v *verdict
		switch {
		case errors.As(err, &v):
			result.Status, result.ZH, result.EN = v.status, v.zh, v.en
		case err != nil:
			result.Status, result.ZH, result.EN = Failed, "没有得到应有的答复："+err.Error(), "not the answer that was expected: "+err.Error()
		}
		ended[c.id] = result.Status
		good = good && result.Status != Failed
		each(result)
	}
	return good
}

// run tries a check unless it was told not to, or what it needs did not pass.
func (t *trial) run(ctx context.Context, c check, ended map[string]Status) error {
	switch {
	case t.Skip[c.id]:
		return skip("按要求跳过", "as asked")
	case c.needs != "" && ended[c.needs] != Passed:
		return skip("需先通过 "+c.needs, "needs "+c.needs)
	}
	return c.try(t, ctx)
}

// trial is a run on its way.
type trial struct {
	Config
	name     string // of the run: begins the refs of what it signs
	began    time.Time
	shops    []testShop
	document string               // the declaration, as signed
	receipt  traceability.Receipt // what came of it
	verified client.Verified      // what came of the test shops
	apiKey   string               // id of a key that the API signs deliveries with
	removed  bool
}

// leave takes the shops off when the run could not do it itself.
func (t *trial) leave(ctx context.Context) {
	if t.document == "" || t.removed {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	_ = t.remove(ctx) // the check has told, if it was tried
}
