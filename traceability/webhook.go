package traceability

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// WebhookRef is a party's own name for one of its webhooks: lower-case letters,
// digits and hyphens, at most 32. Example: alerts.
type WebhookRef string

var webhookRefGrammar = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// ParseWebhookRef checks the grammar.
func ParseWebhookRef(s string) (WebhookRef, error) {
	if !webhookRefGrammar.MatchString(s) {
		return "", Invalid("", s, "a name of a webhook: up to 32 lower-case letters, digits and hyphens")
	}
	return WebhookRef(s), nil
}

// MaxWebhookURL is how long a webhook's address may be, in bytes.
const MaxWebhookURL = 500

// Webhook is the payload of webhook.set: where the party wants its signals sent. A
// later revision takes the place of the one before. Whoever reads the ledger reads
// the address, so it must have no secret in it: a delivery is recognised by its
// signature. It begins with the block of its document; what came while it was not
// active is delivered once it is again.
type Webhook struct {
	Ref      WebhookRef   `json:"ref"`
	Revision int          `json:"revision"`        // from 1, each higher than the one before
	URL      string       `json:"url,omitzero"`    // https, or http on this machine for tests; required when active
	Kinds    []SignalKind `json:"kinds,omitempty"` // kinds and families; none for all
	Public   bool         `json:"public,omitzero"` // what the public is told, instead of what the party is
	Active   bool         `json:"active"`
}

// Audience is whose signals are sent to a party's webhook.
func (w *Webhook) Audience(party PartyID) Audience {
	if w.Public {
		return AudiencePublic
	}
	return To(party)
}

// WebhookState is the record under webhook/<party>/<ref>: the documents that the
// last transaction brought, oldest first; the last is the one that counts. Those
// before are in earlier blocks, so that the record does not grow without end.
type WebhookState struct {
	Documents []Entry `json:"documents"`
}

// WebhookKey is the state key of a party's webhook.
func WebhookKey(party PartyID, ref WebhookRef) string {
	return "webhook/" + string(party) + "/" + string(ref)
}

// WebhookRecord is a webhook as it stands.
type WebhookRecord struct {
	Webhook
	Party    PartyID      `json:"party"`
	Province ProvinceCode `json:"province"` // that admitted the party
	Document DocumentRef  `json:"document"`
}

// WebhookFilter restricts a list of webhooks. Empty fields do not restrict.
type WebhookFilter struct {
	Party  PartyID
	Active bool // only those that are active
}

// Check implements Payload.
func (w *Webhook) Check() (problems, warnings []*Error) {
	var c checker
	if w.Ref == "" {
		c.missing("ref", "a name for the webhook")
	} else {
		ref, err := ParseWebhookRef(string(w.Ref))
		canonical(&c, "ref", w.Ref, ref, err)
	}
	c.revision(w.Revision)
	switch {
	case w.URL != "":
		c.problem(checkWebhookURL(w.URL), "url")
	case w.Active:
		c.missing("url", "the address to send signals to")
	}
	for i, kind := range bounded(&c, "kinds", w.Kinds, 0, 50) {
		parsed, err := ParseSignalKind(string(kind))
		canonical(&c, index("kinds", i), kind, parsed, err)
	}
	return c.result()
}

// checkWebhookURL refuses what no delivery could go to. Whether the address is
// one that may be called is for those who call it: names lead elsewhere tomorrow.
func checkWebhookURL(text string) error {
	const expected = "https://host/path, without user, fragment or control characters; http only to localhost"
	refuse := func(found string) error { return Invalid("", found, expected) }
	if len(text) > MaxWebhookURL {
		return refuse(strconv.Itoa(len(text)) + " bytes, of which " + strconv.Itoa(MaxWebhookURL) + " are allowed")
	}
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return refuse(strconv.QuoteRune(r))
		}
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || strings.Contains(text, "#") || u.Opaque != "":
		return refuse(text)
	case u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())):
		return refuse(text)
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return refuse(text)
		}
	}
	return nil
}

// local reports whether a host plainly is this machine.
func local(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
