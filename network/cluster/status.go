package cluster

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"deltatrace/network/launcher"
	"deltatrace/network/topology"
)

// State is what a process is doing.
type State struct {
	Name   string `json:"name"`
	PID    int    `json:"pid"`    // 0 when it does not run
	Health string `json:"health"` // "ok", or what is wrong
	Log    string `json:"log"`
}

// Status is the whole network at a glance.
type Status struct {
	Processes []State  `json:"processes"`
	Heights   []Height `json:"heights"`
	// Orderers is how far the provinces' orderers are, those on other machines too.
	Orderers []Height `json:"orderers"`
	// Certificates says when the first of each node's ends.
	Certificates []Certificate `json:"certificates"`
	// Leader is the process that orders blocks now; empty when none is known.
	Leader string `json:"leader"`
}

// Status asks every process and every peer.
func (c *Cluster) Status(ctx context.Context) (*Status, error) {
	all, err := c.processes()
	if err != nil {
		return nil, err
	}
	s := new(Status)
	if s.Certificates, err = c.Certificates(); err != nil {
		return nil, err
	}
	running := false
	for _, d := range all {
		state := State{Name: d.Name, PID: d.PID(), Health: "not running", Log: d.Log}
		if state.PID != 0 {
			running = true
			state.Health = "ok"
			if err := Well(ctx, d); err != nil {
				state.Health = err.Error()
			}
		}
		s.Processes = append(s.Processes, state)
	}
	if running {
		s.Leader = c.Leader(ctx)
		if s.Heights, err = c.Heights(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Well asks a process whether it is well; nil when it is.
func Well(ctx context.Context, d launcher.Detached) error {
	ask := d.Ready
	if d.Alive != nil {
		ask = d.Alive
	}
	if ask == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return ask(ctx)
}

// leaderMetric is the orderers' metric that has the number of the leading one in
// the channel's list.
const leaderMetric = "consensus_BFT_leader_id"

// Leader returns the name of the orderer that leads, in the eyes of most; empty
// when none answers.
func (c *Cluster) Leader(ctx context.Context) string {
	votes := make(map[int]int)
	for _, p := range c.provinces {
		if id, err := leaderOf(ctx, p); err == nil {
			votes[id]++
		}
	}
	leader, most := "", 0
	for i, p := range c.Topology.Provinces {
		if votes[i+1] > most {
			leader, most = Name(p, Orderer), votes[i+1]
		}
	}
	return leader
}

func leaderOf(ctx context.Context, p topology.Province) (int, error) {
	id, err := gauge(ctx, p, leaderMetric)
	return int(id), err
}

// What an orderer's metrics say of its consensus: how many transactions wait, and
// what changes with each step that it takes.
const (
	waitingMetric = "consensus_smartbft_pool_count_of_elements"
	viewMetric    = "consensus_smartbft_viewchange_current_view"
	nextMetric    = "consensus_smartbft_viewchange_next_view"
	heightMetric  = "consensus_BFT_committed_block_number"
)

// Pulse returns how many transactions wait at a province's orderer, and a number that
// changes whenever its consensus does anything about them.
func (c *Cluster) Pulse(ctx context.Context, p topology.Province) (waiting int, pulse uint64, err error) {
	families, err := ordererMetrics(ctx, p)
	if err != nil {
		return 0, 0, err
	}
	first := func(name string) *dto.Metric {
		for _, m := range families[name].GetMetric() {
			return m
		}
		return nil
	}
	// Each grows, and never far at once: their sum changes when one does.
	pulse = first(syncsMetric).GetHistogram().GetSampleCount()
	for _, name := range []string{viewMetric, nextMetric, heightMetric} {
		pulse += uint64(first(name).GetGauge().GetValue())
	}
	return int(first(waitingMetric).GetGauge().GetValue()), pulse, nil
}

// syncsMetric is the orderers' metric that counts how often one has fetched what it
// missed from the others.
const syncsMetric = "consensus_smartbft_consensus_latency_sync"

// Syncs returns how often a province's orderer has fetched blocks from the others,
// since it was started, instead of taking part in making them.
func (c *Cluster) Syncs(ctx context.Context, p topology.Province) (uint64, error) {
	m, err := metric(ctx, p, syncsMetric)
	return m.GetHistogram().GetSampleCount(), err
}

func gauge(ctx context.Context, p topology.Province, name string) (float64, error) {
	m, err := metric(ctx, p, name)
	return m.GetGauge().GetValue(), err
}

// metric asks a province's orderer for one of its metrics.
func metric(ctx context.Context, p topology.Province, name string) (*dto.Metric, error) {
	families, err := ordererMetrics(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, metric := range families[name].GetMetric() {
		return metric, nil
	}
	return nil, fmt.Errorf("%s has no metric %s", Name(p, Orderer), name)
}

func ordererMetrics(ctx context.Context, p topology.Province) (map[string]*dto.MetricFamily, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.OrdererOperationsAddress()+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return metrics(io.LimitReader(response.Body, 8<<20))
}

func metrics(r io.Reader) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(r)
}
