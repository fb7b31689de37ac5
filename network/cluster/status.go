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
	running := false
	for _, d := range all {
		state := State{Name: d.Name, PID: d.PID(), Health: "not running", Log: d.Log}
		if state.PID != 0 {
			running = true
			state.Health = "ok"
			asking, cancel := context.WithTimeout(ctx, 3*time.Second)
			if err := d.Ready(asking); err != nil {
				state.Health = err.Error()
			}
			cancel()
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
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.OrdererOperationsAddress()+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	families, err := metrics(io.LimitReader(response.Body, 8<<20))
	if err != nil {
		return 0, err
	}
	for _, metric := range families[leaderMetric].GetMetric() {
		return int(metric.GetGauge().GetValue()), nil
	}
	return 0, fmt.Errorf("%s has no metric %s", Name(p, Orderer), leaderMetric)
}

func metrics(r io.Reader) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(r)
}
