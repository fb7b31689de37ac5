package fabric

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	gatewaypb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// failure is why an attempt to commit a batch came to nothing, and so what may
// help.
type failure struct {
	reason reason
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

type reason int

const (
	// unavailable: a peer or the ordering service does not do its part. Another
	// peer may, or the same one later.
	unavailable reason = iota
	// disagreed: the endorsers came to different results, since one had a block
	// more than another, or is not to be trusted.
	disagreed
	// contended: another transaction wrote first what this one had read.
	contended
	// refused: the chaincodes of two provinces will not have the batch, or a peer
	// not the client. Trying again does not help.
	refused
)

// endorseFailure says what an error of the endorsement means: which organisations'
// chaincodes have refused the batch, and which endorsers failed otherwise.
func endorseFailure(err error) (f *failure, refusers []string, failed []*gatewaypb.ErrorDetail) {
	f = &failure{err: fmt.Errorf("endorse: %w", err)}
	details := endorsementDetails(err)
	for _, d := range details {
		switch {
		case strings.Contains(d.GetMessage(), "ProposalResponsePayloads do not match"):
			f.reason = disagreed
		case strings.HasPrefix(d.GetMessage(), "chaincode response "):
			refusers = append(refusers, d.GetMspId())
		default:
			failed = append(failed, d)
		}
	}
	if len(details) == 0 {
		switch status.Code(err) {
		case codes.InvalidArgument, codes.PermissionDenied, codes.Unauthenticated, codes.Unimplemented:
			f.reason = refused
		}
	}
	return f, refusers, failed
}

func endorsementDetails(err error) []*gatewaypb.ErrorDetail {
	var endorse *client.EndorseError
	if !errors.As(err, &endorse) {
		return nil
	}
	return endorse.Details()
}

// orderFailure says what an error of the ordering means.
func orderFailure(err error) *failure {
	f := &failure{err: fmt.Errorf("order: %w", err)}
	var submit *client.SubmitError
	if errors.As(err, &submit) {
		for _, d := range submit.Details() {
			if strings.Contains(d.GetMessage(), "exceeds maximum allowed") {
				f.reason = refused
			}
		}
	}
	return f
}

// commitFailure says what the peers' verdict on a transaction means.
func commitFailure(code peer.TxValidationCode) *failure {
	f := &failure{err: fmt.Errorf("commit: the peers found %s", code)}
	switch code {
	case peer.TxValidationCode_MVCC_READ_CONFLICT, peer.TxValidationCode_PHANTOM_READ_CONFLICT:
		f.reason = contended
	case peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE:
		f.reason = disagreed
	}
	return f
}

// unreachable reports whether the peer itself did not answer, or not in time.
func unreachable(err error) bool {
	if len(endorsementDetails(err)) > 0 {
		return false
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return true
	}
	return errors.Is(err, context.DeadlineExceeded)
}
