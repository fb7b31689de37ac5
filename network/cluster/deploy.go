package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/network/launcher"
	"deltatrace/network/topology"
)

// Deployment is a chaincode on the channel: a name with a state of its own, and
// the program that runs it. Several names may share a program.
type Deployment struct {
	Chaincode string `json:"chaincode"` // its name on the channel
	Program   string `json:"program"`   // in Config.Bin
	Sequence  int    `json:"sequence"`  // of the lifecycle; 1, then one more for each upgrade
	PackageID string `json:"package_id"`
}

// Label names the package.
func (d Deployment) Label() string { return d.Program + "_" + strconv.Itoa(d.Sequence) }

// process is the kind of process that runs the program: "chaincode-1".
func (d Deployment) process() string { return d.Program + "-" + strconv.Itoa(d.Sequence) }

// programs returns one deployment for each program and sequence.
func programs(deployments []Deployment) []Deployment {
	var distinct []Deployment
	for _, d := range deployments {
		if !slices.ContainsFunc(distinct, func(o Deployment) bool { return o.process() == d.process() }) {
			distinct = append(distinct, d)
		}
	}
	return distinct
}

// deployments reads which chaincodes are deployed.
func (c *Cluster) deployments() ([]Deployment, error) {
	content, err := os.ReadFile(c.files.Deployments())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var deployments []Deployment
	if err := json.Unmarshal(content, &deployments); err != nil {
		return nil, fmt.Errorf("%s: %w", c.files.Deployments(), err)
	}
	return deployments, nil
}

// record notes a deployment, in the place of an earlier one of the same name.
func (c *Cluster) record(d Deployment) error {
	deployments, err := c.deployments()
	if err != nil {
		return err
	}
	deployments = slices.DeleteFunc(deployments, func(o Deployment) bool { return o.Chaincode == d.Chaincode })
	content, err := json.Marshal(append(deployments, d), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	temporary := c.files.Deployments() + ".tmp"
	if err := os.WriteFile(temporary, append(content, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, c.files.Deployments())
}

// takePart has every peer that runs here join the channel, fetch its blocks, and
// install and approve what is deployed; what is so already costs a query. With it
// a peer whose folder is new, or of an old copy, is as good as the others. The
// topology's chaincode is deployed when there is nothing yet.
func (c *Cluster) takePart(ctx context.Context) error {
	deployments, err := c.deployments()
	if err != nil {
		return err
	}
	c.say("joining channel %s, and fetching what others have of it", c.Topology.Channel)
	if err := c.admin(ctx, append([]string{"join"}, c.only()...)...); err != nil {
		return err
	}
	if !slices.ContainsFunc(deployments, func(d Deployment) bool { return d.Chaincode == c.Topology.Chaincode }) {
		return c.Deploy(ctx, c.Topology.Chaincode)
	}
	for _, d := range deployments {
		if _, err := c.pack(d); err != nil {
			return err
		}
		committed, err := c.agree(ctx, d)
		if err != nil {
			return err
		}
		if committed && d.Program == Chaincode {
			if err := c.begin(ctx, d.Chaincode); err != nil {
				return err
			}
		}
	}
	return c.ready(ctx, c.Topology.Chaincode)
}

// Commit is the last step where provinces run their own machines: when enough of
// them have approved the chaincode, one of them puts it in force and starts the
// ledger.
func (c *Cluster) Commit(ctx context.Context) error {
	deployments, err := c.deployments()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(deployments, func(d Deployment) bool { return d.Chaincode == c.Topology.Chaincode })
	if i < 0 {
		return fmt.Errorf("chaincode %s is not approved here; run `network up` first", c.Topology.Chaincode)
	}
	d := deployments[i]
	c.say("committing chaincode %s", d.Chaincode)
	if _, err := c.agree(ctx, d, "--commit"); err != nil {
		return err
	}
	if err := c.admin(ctx, append([]string{"ready", "--chaincode", d.Chaincode, "--within", "90s"}, c.only()...)...); err != nil {
		return err
	}
	return c.begin(ctx, d.Chaincode)
}

// agree has the provinces that run here install and approve a deployment, and
// all of them commit it when they all run here. The lifecycle counts a name's
// definitions from 1, whatever the ports. committed says whether it is in force.
func (c *Cluster) agree(ctx context.Context, d Deployment, flags ...string) (committed bool, err error) {
	sequence := 1
	if d.Program == Chaincode {
		sequence = d.Sequence
	}
	args := []string{"deploy", "--format", "json", "--chaincode", d.Chaincode, "--label", d.Label(), "--package", c.files.Package(d.Label()), "--sequence", strconv.Itoa(sequence)}
	output, err := c.runAdmin(ctx, slices.Concat(args, flags, c.only())...)
	if err != nil {
		return false, err
	}
	var result struct {
		Committed bool `json:"committed"`
	}
	if err := json.Unmarshal(output, &result); err != nil {
		return false, fmt.Errorf("admin deploy: %w", err)
	}
	return result.Committed, nil
}

// begin starts the ledger of a chaincode, unless it has started; each peer that
// runs here has to say so, by running the chaincode.
func (c *Cluster) begin(ctx context.Context, chaincode string) error {
	return c.admin(ctx, append([]string{"init", "--chaincode", chaincode, "--genesis", c.files.Genesis()}, c.only()...)...)
}

// Deploy deploys deltatrace's chaincode under a name: a new ledger on the same
// channel, which starts from the same genesis.
func (c *Cluster) Deploy(ctx context.Context, name string) error {
	return c.deploy(ctx, Deployment{Chaincode: name, Program: Chaincode, Sequence: 1}, true)
}

// DeployProgram deploys another program as a chaincode of its own. It has the
// ports that deltatrace's next upgrade would take.
func (c *Cluster) DeployProgram(ctx context.Context, name, program string) error {
	return c.deploy(ctx, Deployment{Chaincode: name, Program: program, Sequence: 2}, false)
}

// Upgrade replaces the topology's chaincode by the program as it is now. The new
// one runs beside the old one until all provinces have agreed on it; the data
// stay.
func (c *Cluster) Upgrade(ctx context.Context) error {
	deployments, err := c.deployments()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(deployments, func(d Deployment) bool { return d.Chaincode == c.Topology.Chaincode })
	if i < 0 {
		return fmt.Errorf("chaincode %s is not deployed yet; run `network up` first", c.Topology.Chaincode)
	}
	old, next := deployments[i], deployments[i]
	next.Sequence++
	if err := c.deploy(ctx, next, false); err != nil {
		return err
	}
	if deployments, err = c.deployments(); err != nil {
		return err
	}
	if slices.ContainsFunc(deployments, func(d Deployment) bool { return d.process() == old.process() }) {
		return nil // another name uses it
	}
	var errs []error
	for _, p := range c.provinces {
		errs = append(errs, c.chaincode(p, old).Stop())
	}
	return errors.Join(errs...)
}

// deploy starts the program at every province and has the provinces agree on it.
func (c *Cluster) deploy(ctx context.Context, d Deployment, genesis bool) error {
	c.say("deploying chaincode %s: install, approve, commit", d.Chaincode)
	id, err := c.pack(d)
	if err != nil {
		return err
	}
	d.PackageID = id
	for _, p := range c.provinces {
		if err := c.connect(p, d); err != nil {
			return err
		}
	}
	if err := c.startChaincode(ctx, d); err != nil {
		return err
	}
	if _, err := c.agree(ctx, d); err != nil {
		return err
	}
	if err := c.record(d); err != nil {
		return err
	}
	if len(c.Only) > 0 {
		c.say("approved; when enough provinces have, one of them runs `network commit`")
		return nil
	}
	if err := c.ready(ctx, d.Chaincode); err != nil || !genesis {
		return err
	}
	return c.begin(ctx, d.Chaincode)
}

// startChaincodes starts what is deployed, before the peers, which look for it when
// they start.
func (c *Cluster) startChaincodes(ctx context.Context) error {
	deployments, err := c.deployments()
	if err != nil {
		return err
	}
	for _, d := range programs(deployments) {
		for _, p := range c.provinces {
			if err := c.connect(p, d); err != nil {
				return err
			}
		}
		if err := c.startChaincode(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) startChaincode(ctx context.Context, d Deployment) error {
	c.say("starting %d chaincodes (%s)", len(c.provinces), d.Label())
	var all []launcher.Detached
	for _, p := range c.provinces {
		all = append(all, c.chaincode(p, d))
	}
	return c.startAll(ctx, all)
}

// ready waits until every peer knows that enough provinces can endorse.
func (c *Cluster) ready(ctx context.Context, chaincode string) error {
	if len(c.Only) > 0 {
		return nil
	}
	c.say("waiting until every peer can have %s endorsed", chaincode)
	return c.admin(ctx, "ready", "--chaincode", chaincode, "--within", "90s")
}

// only returns the flags that restrict admin to the provinces that run here.
func (c *Cluster) only() []string {
	var flags []string
	for _, name := range c.Only {
		flags = append(flags, "--province", name)
	}
	return flags
}

// connection is what Fabric's peer reads in order to reach a chaincode that is a
// service.
type connection struct {
	Address            string `json:"address"`
	DialTimeout        string `json:"dial_timeout"`
	TLSRequired        bool   `json:"tls_required"`
	ClientAuthRequired bool   `json:"client_auth_required"`
	ClientKey          string `json:"client_key"`
	ClientCert         string `json:"client_cert"`
	RootCert           string `json:"root_cert"`
}

// connect writes how a province's peer reaches its chaincode.
func (c *Cluster) connect(p topology.Province, d Deployment) error {
	tls := c.files.PeerTLS(p)
	conn := connection{Address: p.ChaincodeAddress(d.Sequence), DialTimeout: "10s", TLSRequired: true, ClientAuthRequired: true}
	for _, file := range []struct {
		path string
		text *string
	}{{tls.Key, &conn.ClientKey}, {tls.Cert, &conn.ClientCert}, {c.files.ChaincodeTLS(p).Root, &conn.RootCert}} {
		content, err := os.ReadFile(file.path)
		if err != nil {
			return fmt.Errorf("%s: %w", Name(p, Peer), err)
		}
		*file.text = string(content)
	}
	content, err := json.Marshal(conn)
	if err != nil {
		return err
	}
	return write(c.files.Connection(p, d.Label()), content, 0o600)
}
