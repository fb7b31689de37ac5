package fabric

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"deltatrace/network/topology"
)

// Orderers are the nodes of the ordering service, of all provinces, to be asked how
// far they are. Each answers for itself, also when it takes no part any more.
type Orderers struct {
	channel string
	who     member
	creator []byte
	all     []ordererNode
}

type ordererNode struct {
	topology.Endpoint
	conn *grpc.ClientConn
}

// OrdererHeight is how far one orderer is.
type OrdererHeight struct {
	Province string // code
	Height   uint64 // number of blocks
	Err      error  // why it is not known
}

// OpenOrderers reaches the orderers at their endpoints, as the client of a profile.
// It connects when they are first asked.
func OpenOrderers(profile *topology.Profile, endpoints []topology.Endpoint) (*Orderers, error) {
	who, err := readMember(profile)
	if err != nil {
		return nil, fmt.Errorf("fabric: %w", err)
	}
	o := &Orderers{channel: profile.Channel, who: who}
	if o.creator, err = proto.Marshal(&msp.SerializedIdentity{Mspid: who.id.MspID(), IdBytes: who.id.Credentials()}); err != nil {
		return nil, fmt.Errorf("fabric: %w", err)
	}
	for _, endpoint := range endpoints {
		conn, err := connect(endpoint)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("fabric: the orderer %w", err), o.Close())
		}
		o.all = append(o.all, ordererNode{endpoint, conn})
	}
	return o, nil
}

// Heights asks all orderers side by side, within bounds. The answers are in the
// order of the endpoints.
func (o *Orderers) Heights(ctx context.Context) []OrdererHeight {
	heights := make([]OrdererHeight, len(o.all))
	var asked sync.WaitGroup
	for i, node := range o.all {
		asked.Go(func() {
			height, err := o.height(ctx, node)
			if err != nil {
				err = fmt.Errorf("the orderer %s does not say its height: %w", node.Address, err)
			}
			heights[i] = OrdererHeight{Province: node.Province, Height: height, Err: err}
		})
	}
	asked.Wait()
	return heights
}

// Close ends the connections.
func (o *Orderers) Close() error {
	var errs []error
	for _, node := range o.all {
		errs = append(errs, node.conn.Close())
	}
	return errors.Join(errs...)
}

// height asks for the header of the newest block.
func (o *Orderers) height(ctx context.Context, node ordererNode) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	seek, err := o.seekNewest()
	if err != nil {
		return 0, err
	}
	stream, err := orderer.NewAtomicBroadcastClient(node.conn).Deliver(ctx)
	if err != nil {
		return 0, err
	}
	if err := stream.Send(seek); err != nil {
		return 0, err
	}
	if err := stream.CloseSend(); err != nil {
		return 0, err
	}
	var height uint64
	for { // until the orderer ends the stream
		response, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && height > 0:
			return height, nil
		case err != nil:
			return 0, err
		case response.GetBlock() != nil:
			height = response.GetBlock().GetHeader().GetNumber() + 1
		case response.GetStatus() != common.Status_SUCCESS:
			return 0, fmt.Errorf("found the status %s, expected a block", response.GetStatus())
		}
	}
}

func (o *Orderers) seekNewest() (*common.Envelope, error) {
	newest := &orderer.SeekPosition{Type: &orderer.SeekPosition_Newest{Newest: &orderer.SeekNewest{}}}
	data, err := proto.Marshal(&orderer.SeekInfo{Start: newest, Stop: newest,
		Behavior: orderer.SeekInfo_FAIL_IF_NOT_READY, ContentType: orderer.SeekInfo_HEADER_WITH_SIG})
	if err != nil {
		return nil, err
	}
	channel, err := proto.Marshal(&common.ChannelHeader{Type: int32(common.HeaderType_DELIVER_SEEK_INFO), ChannelId: o.channel,
		Timestamp: timestamppb.New(time.Now())})
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, 24)
	_, _ = rand.Read(nonce) // never fails
	signer, err := proto.Marshal(&common.SignatureHeader{Creator: o.creator, Nonce: nonce})
	if err != nil {
		return nil, err
	}
	payload, err := proto.Marshal(&common.Payload{Header: &common.Header{ChannelHeader: channel, SignatureHeader: signer}, Data: data})
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(payload)
	signature, err := o.who.sign(digest[:])
	if err != nil {
		return nil, err
	}
	return &common.Envelope{Payload: payload, Signature: signature}, nil
}
