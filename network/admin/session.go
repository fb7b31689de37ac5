package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"deltatrace/network/topology"
)

// session is what every command needs: which network, and where to talk to.
type session struct {
	Topology string `help:"File of the network's topology; the built-in one by default." type:"existingfile" env:"DELTATRACE_TOPOLOGY"`
	Root     string `help:"Folder of the network's keys, channel and data." default:"${root}" type:"path" env:"DELTATRACE_NETWORK"`
	Format   string `help:"How to print the result: text or json." enum:"text,json" default:"text"`

	out io.Writer
	err io.Writer
}

func (s *session) open() (*network, error) {
	t, err := topology.Load(s.Topology)
	if err != nil {
		return nil, err
	}
	return openNetwork(t, topology.Files{Root: s.Root})
}

// progress tells people how far it has come.
func (s *session) progress(format string, args ...any) {
	fmt.Fprintf(s.err, format+"\n", args...)
}

// answer prints the result, and returns the error that the command ends with.
func (s *session) answer(result any, failure error) error {
	if s.Format == "json" {
		content, err := json.Marshal(result, jsontext.WithIndent("  "))
		if err != nil {
			return errors.Join(failure, fmt.Errorf("print the result: %w", err))
		}
		_, err = fmt.Fprintf(s.out, "%s\n", content)
		return errors.Join(failure, err)
	}
	_, err := fmt.Fprint(s.out, result)
	return errors.Join(failure, err)
}

// list prints one result a line.
type list[T fmt.Stringer] []T

func (l list[T]) String() string {
	var b strings.Builder
	for _, entry := range l {
		b.WriteString(entry.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// row is a province's line of a result.
func row(province, found, failure string) string {
	if failure != "" {
		found = "failed: " + failure
	}
	return fmt.Sprintf("%-10s %s", province, found)
}

// each does the same for several members at a time, and returns what came of
// it in their order.
func each[R fmt.Stringer](members []*member, do func(*member) R) list[R] {
	results := make(list[R], len(members))
	var group sync.WaitGroup
	for i, m := range members {
		group.Go(func() { results[i] = do(m) })
	}
	group.Wait()
	return results
}

// failures is the error of the results that have one.
func failures[R fmt.Stringer](results list[R], failure func(R) string) error {
	var errs []error
	for _, r := range results {
		if message := failure(r); message != "" {
			errs = append(errs, errors.New(message))
		}
	}
	return errors.Join(errs...)
}

// said is an error's text, empty for none.
func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
