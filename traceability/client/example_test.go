package client_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"deltatrace/traceability/client"
)

// A receiver of deliveries: it verifies each, keeps it, and only then answers 2xx.
// The same delivery may come again, so what was kept is told by its ID.
func ExampleDeliveryKeys_Delivery() {
	const address = "https://platform.example/deltatrace" // as in the webhook.set
	api, err := client.New("https://trace.example")
	if err != nil {
		log.Fatal(err)
	}
	receive := func(w http.ResponseWriter, r *http.Request) {
		keys, err := api.DeliveryKeys(r.Context()) // to be kept for a day
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable) // it will come again
			return
		}
		d, err := keys.Delivery(r, address, time.Now())
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if err := keep(r.Context(), d.ID, d.Signal.Subject); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /deltatrace", receive)
	fmt.Println("ready")
	// Output: ready
}

// keep stores what is to be looked at, once for each id.
func keep(context.Context, string, string) error { return nil }
