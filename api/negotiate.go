package main

import (
	"strconv"
	"strings"
)

// negotiate chooses the offer that an Accept header likes best (RFC 9110
// §12.5.1): for each offer the most specific range that matches counts; among
// equals the first offer wins. Without a header everything is acceptable. Offers
// are media types without parameters. It is false when none is acceptable.
func negotiate(accept string, offers ...string) (string, bool) {
	if strings.TrimSpace(accept) == "" {
		return offers[0], true
	}
	best, bestQuality := "", 0.0
	for _, offer := range offers {
		if q := quality(accept, offer); q > bestQuality {
			best, bestQuality = offer, q
		}
	}
	return best, bestQuality > 0
}

// quality is what an Accept header thinks of a media type: 0 to 1.
func quality(accept, offer string) float64 {
	q, specific := 0.0, -1
	for part := range strings.SplitSeq(accept, ",") {
		media, parameters, _ := strings.Cut(part, ";")
		how := matches(strings.ToLower(strings.TrimSpace(media)), offer)
		if how <= specific {
			continue
		}
		q, specific = weight(parameters), how
	}
	return q
}

// matches says how specifically a media range names a type: 2 by name, 1 by
// its main type, 0 by */*, -1 not at all.
func matches(media, offer string) int {
	main, _, _ := strings.Cut(offer, "/")
	switch media {
	case offer:
		return 2
	case main + "/*":
		return 1
	case "*/*":
		return 0
	default:
		return -1
	}
}

// weight reads q from a range's parameters; a broken one is 0.
func weight(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if !strings.EqualFold(name, "q") {
			continue
		}
		q, err := strconv.ParseFloat(value, 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}
