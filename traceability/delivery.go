package traceability

// Delivery is the body of a request to a webhook: one signal.
type Delivery struct {
	// ID is the same each time that the same signal is sent to the same webhook:
	// deliveries come at least once, and this tells the second from the first. The
	// header Delivery-Id says it too.
	ID      string     `json:"delivery"`
	Party   PartyID    `json:"party"`   // whose webhook it is
	Webhook WebhookRef `json:"webhook"` // which of the party's
	Signal  Signal     `json:"signal"`
}

// How deliveries are signed (RFC 9421): the label and the tag of the signature, and
// the components that it is over. A receiver asks for all of them.
const (
	DeliveryLabel  = "deltatrace"
	DeliveryTag    = "deltatrace-webhook"
	DeliveryHeader = "Delivery-Id"
	// DeliveryKeys is where an API publishes the keys that it signs deliveries
	// with, as a JWK set; a kid is the key's RFC 7638 thumbprint.
	DeliveryKeys = "/.well-known/http-message-signatures-directory"
)

// DeliveryComponents lists what a delivery's signature is over.
func DeliveryComponents() []string {
	return []string{"@method", "@target-uri", "content-type", "content-digest", "delivery-id"}
}
