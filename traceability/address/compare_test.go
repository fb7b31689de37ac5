package address_test

import (
	_ "embed"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deltatrace/traceability/address"
)

//go:embed testdata/pairs.tsv
var pairs string

type pair struct {
	a, b   string
	result address.Result
	first  address.Component
}

func readPairs(tb testing.TB) []pair {
	tb.Helper()
	var list []pair
	for line := range strings.Lines(pairs) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if len(f) != 4 {
			tb.Fatalf("%q has %d columns", line, len(f))
		}
		list = append(list, pair{f[0], f[1], address.Result(f[2]), address.Component(f[3])})
	}
	return list
}

// first is the component to name first: the first that clashes, else the first.
func first(c address.Comparison) address.Component {
	for _, d := range c.Differences {
		if d.Clash {
			return d.Component
		}
	}
	if len(c.Differences) > 0 {
		return c.Differences[0].Component
	}
	return ""
}

func TestCompare(t *testing.T) {
	t.Parallel()
	list := readPairs(t)
	if len(list) < 80 {
		t.Errorf("%d pairs", len(list))
	}
	for _, p := range list {
		t.Run(p.a+" "+p.b, func(t *testing.T) {
			t.Parallel()
			c := address.Compare(p.a, p.b)
			if c.Result != p.result || first(c) != p.first {
				zh, _ := c.Explain(address.Name{ZH: "甲"}, address.Name{ZH: "乙"})
				t.Errorf("%s by %s, want %s by %s: %s", c.Result, first(c), p.result, p.first, zh)
			}
			if back := address.Compare(p.b, p.a); back.Result != p.result {
				t.Errorf("backwards %s", back.Result)
			}
		})
	}
}

// TestDropping holds that an address that says less is never different, neither from
// the whole nor from what the whole is compatible with.
func TestDropping(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	for range 3000 {
		parts := []string{
			pick("上海市", "江苏省", "浙江省", "安徽省"), "", "", pick("城东街道", "瓜沥镇", "三里乡"), pick("孝门村", "五一社区"),
			pick("人民路", "中山东一路", "世纪大道", "镇江路", "南京西路"), pick("12弄", "三支弄"), pick("1号", "12-1号", "十二号", "1、3号"),
			pick("万达广场", "金茂大厦", "望江楼"), pick("2幢", "A座", "3号楼"), pick("2单元", "01单元"), pick("3楼", "B1层", "三层", "5F"), pick("301室", "A-12铺", "二〇二室"),
		}
		switch parts[0] {
		case "上海市":
			parts[2] = pick("徐汇区", "闸北区")
		case "江苏省":
			parts[1], parts[2] = "南京市", pick("鼓楼区", "白下区")
		case "浙江省":
			parts[1], parts[2] = "杭州市", pick("西湖区", "余杭区")
		default:
			parts[1], parts[2] = "黄山市", pick("黄山区", "屯溪区")
		}
		whole := strings.Join(parts, "")
		less := parts
		for range 1 + random.IntN(5) {
			i := random.IntN(len(less))
			less = append(append(less[:i:i], ""), less[i+1:]...)
		}
		if c := address.Compare(whole, strings.Join(less, "")); c.Result == address.Different {
			t.Fatalf("%s and %s: %+v", whole, strings.Join(less, ""), c)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	c := address.Compare("徐汇区漕溪南路1号", "徐汇区漕溪北路1号3楼")
	zh, en := c.Explain(address.Name{ZH: "页面", EN: "the page"}, address.Name{ZH: "许可证", EN: "the licence"})
	got := []string{zh, en}
	want := []string{"道路不同：页面为漕溪南路，许可证为漕溪北路；页面未写楼层（许可证为3）",
		"another road: the page has 漕溪南路, the licence has 漕溪北路; the page states no floor (the licence: 3)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestDivision lets the division that is stated beside an address fill what the
// address leaves out.
func TestDivision(t *testing.T) {
	t.Parallel()
	a, b := address.Parse("中山北路1号", "320106"), address.Parse("徐州市鼓楼区中山北路1号", "320302")
	if c := a.Compare(b); first(c) != address.City || c.Result != address.Different {
		t.Errorf("%+v", c)
	}
	if c := a.Compare(address.Parse("鼓楼区中山北路1号", "320106")); c.Result != address.Same {
		t.Errorf("%+v", c)
	}
}

func FuzzCompare(f *testing.F) {
	for _, p := range readPairs(f) {
		f.Add(p.a, p.b)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		forth, back := address.Compare(a, b), address.Compare(b, a)
		if forth.Result != back.Result || len(forth.Differences) != len(back.Differences) {
			t.Errorf("%q, %q: %v and %v", a, b, forth, back)
		}
		for _, s := range []string{a, b} {
			if c := address.Compare(s, s); c.Result != address.Same {
				t.Errorf("%q is not the same as itself: %v", s, c)
			}
		}
	})
}

func BenchmarkCompare(b *testing.B) {
	for b.Loop() {
		address.Compare("上海市徐汇区漕溪北路1号万达广场3楼301室", "徐汇区漕溪北路一号万达广场三层301")
	}
}
