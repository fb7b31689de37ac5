package fabric

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hyperledger/fabric-gateway/pkg/client"
	gatewaypb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"deltatrace/traceability"
	"deltatrace/traceability/ledgertest"
)

// refusal is what a peer's gateway answers when endorsers fail.
func refusal(code codes.Code, message string, endorsers ...string) error {
	s := status.New(code, message)
	var details []protoadapt.MessageV1
	for i := 0; i < len(endorsers); i += 2 {
		details = append(details, protoadapt.MessageV1Of(&gatewaypb.ErrorDetail{MspId: endorsers[i], Message: endorsers[i+1]}))
	}
	s, err := s.WithDetails(details...)
	if err != nil {
		panic(err)
	}
	return s.Err()
}

// answering makes the endorsement fail with an error, through the real client.
func answering(err error) grpc.DialOption {
	return grpc.WithUnaryInterceptor(func(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if method == endorseMethod {
			return err
		}
		return invoke(ctx, method, request, reply, conn, options...)
	})
}

func TestEndorseFailure(t *testing.T) {
	t.Parallel()
	const mismatch = "ProposalResponsePayloads do not match"
	for name, test := range map[string]struct {
		err      error
		reason   reason
		refusers []string
		failed   int
	}{
		"nobody there":   {status.Error(codes.Unavailable, "connection refused"), unavailable, nil, 0},
		"too late":       {status.Error(codes.DeadlineExceeded, "deadline"), unavailable, nil, 0},
		"not allowed":    {status.Error(codes.PermissionDenied, "access denied"), refused, nil, 0},
		"lag":            {refusal(codes.Aborted, "failed", "A", mismatch), disagreed, nil, 0},
		"lag and gone":   {refusal(codes.Aborted, "failed", "A", mismatch, "B", "connection refused"), disagreed, nil, 1},
		"two refuse":     {refusal(codes.Aborted, "failed", "A", "chaincode response 500, no", "B", "chaincode response 500, no"), unavailable, []string{"A", "B"}, 0},
		"chaincode gone": {refusal(codes.Aborted, "failed", "A", "error in simulation: chaincode stream terminated"), unavailable, nil, 1},
	} {
		// What the client library makes of it, without a peer.
		f, refusers, failed := endorseFailure(&client.EndorseError{TransactionError: transactionError(test.err)})
		if f.reason != test.reason || len(failed) != test.failed || cmp.Diff(test.refusers, refusers) != "" {
			t.Errorf("%s: got reason %d, refusers %v, %d failed; want %d, %v, %d", name, f.reason, refusers, len(failed), test.reason, test.refusers, test.failed)
		}
		if !errors.Is(f, test.err) {
			t.Errorf("%s: the cause is lost: %v", name, f)
		}
	}
}

func TestCommitFailure(t *testing.T) {
	t.Parallel()
	for code, want := range map[peer.TxValidationCode]reason{
		peer.TxValidationCode_MVCC_READ_CONFLICT:         contended,
		peer.TxValidationCode_PHANTOM_READ_CONFLICT:      contended,
		peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE: disagreed,
		peer.TxValidationCode_INVALID_CHAINCODE:          unavailable,
	} {
		if f := commitFailure(code); f.reason != want {
			t.Errorf("%s: got %+v, want reason %d", code, f, want)
		}
	}
}

// TestOneRefuses has the own province's chaincode refuse everything, as a broken
// one does: the ledger goes on through another province. When two refuse, the
// batch is given up at once, and its neighbours are not.
func TestOneRefuses(t *testing.T) {
	n := realNetwork(t)
	chaincode := n.deploy(t)
	lab, admission := n.parties.Laboratory(t, 1)
	ctx := context.Background()
	if _, err := mustOpen(t, n.profile(t, "anhui", chaincode), Options{}).Submit(ctx, []string{admission}); err != nil {
		t.Fatal(err)
	}
	refuse := func(msps ...string) grpc.DialOption {
		var details []string
		for _, msp := range msps {
			details = append(details, msp, "chaincode response 500, out of order")
		}
		return grpc.WithUnaryInterceptor(func(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
			own := n.profile(t, "anhui", chaincode).Peers[0].Address
			if method == endorseMethod && (len(msps) > 1 || conn.Target() == own) {
				return refusal(codes.Aborted, "failed to collect enough transaction endorsements", details...)
			}
			return invoke(ctx, method, request, reply, conn, options...)
		})
	}
	one := mustOpen(t, n.profile(t, "anhui", chaincode), Options{dial: []grpc.DialOption{refuse("AnhuiMSP")}})
	for i := range 3 {
		receipt, err := one.Submit(ctx, []string{ledgertest.SignedReport(t, lab, i)})
		if err != nil || receipt.Outcomes[0].Status != traceability.StatusAccepted {
			t.Errorf("one refuses: got %+v, error %v", receipt, err)
		}
	}
	two := mustOpen(t, n.profile(t, "anhui", chaincode), Options{dial: []grpc.DialOption{refuse("AnhuiMSP", "ShanghaiMSP")}})
	if _, err := two.Submit(ctx, []string{ledgertest.SignedReport(t, lab, 9)}); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("two refuse: got %v, want an error at once", err)
	}
}

// transactionError is the library's wrapping of a gRPC error, which it makes for
// its own calls only.
func transactionError(err error) *client.TransactionError {
	conn, dialErr := grpc.NewClient("passthrough:///nowhere", grpc.WithTransportCredentials(insecure.NewCredentials()), answering(err))
	if dialErr != nil {
		panic(dialErr)
	}
	defer conn.Close()
	connected, connectErr := client.Connect(anyone{}, client.WithSign(func([]byte) ([]byte, error) { return []byte("s"), nil }), client.WithClientConnection(conn))
	if connectErr != nil {
		panic(connectErr)
	}
	proposal, proposeErr := connected.GetNetwork("channel").GetContract("chaincode").NewProposal("Submit")
	if proposeErr != nil {
		panic(proposeErr)
	}
	_, endorseErr := proposal.Endorse()
	var e *client.EndorseError
	if !errors.As(endorseErr, &e) {
		panic(fmt.Sprint("not an endorsement's error: ", endorseErr))
	}
	return e.TransactionError
}

// anyone is an identity that no peer looks at.
type anyone struct{}

func (anyone) MspID() string       { return "MSP" }
func (anyone) Credentials() []byte { return []byte("certificate") }
