package cluster

import (
	"errors"
	"slices"
)

// Down stops what runs, in reverse order, and nothing else. The data stay.
func (c *Cluster) Down() error {
	stages, err := c.stages()
	if err != nil {
		return err
	}
	var errs []error
	for _, stage := range slices.Backward(stages) {
		ended := make(chan error)
		for _, d := range stage {
			go func() { ended <- d.Stop() }()
		}
		for range stage {
			errs = append(errs, <-ended)
		}
	}
	return errors.Join(errs...)
}
