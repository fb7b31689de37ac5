package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAchieve(t *testing.T) {
	t.Parallel()
	failure := errors.New("failure")
	for name, test := range map[string]struct {
		so      func(acts int) (bool, error) // whether it is so, after so many acts
		act     func(acts int) error
		acts    int
		problem string
		took    time.Duration // at least
	}{
		"so already":      {func(int) (bool, error) { return true, nil }, nil, 0, "", 0},
		"at once":         {func(acts int) (bool, error) { return acts > 0, nil }, nil, 1, "", 0},
		"lost, sent anew": {func(acts int) (bool, error) { return acts > 1, nil }, nil, 2, "", retryAfter},
		"act fails once": {func(acts int) (bool, error) { return acts > 1, nil }, func(acts int) error {
			if acts == 1 {
				return failure
			}
			return nil
		}, 2, "", pause},
		"act fails always":    {func(int) (bool, error) { return false, nil }, func(int) error { return failure }, attempts, "failure", 2 * pause},
		"nobody can be asked": {func(int) (bool, error) { return false, failure }, nil, 0, "failure", 2 * pause},
		"never":               {func(int) (bool, error) { return false, nil }, nil, 6, "what: it has not come about", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				began, acts := time.Now(), 0
				err := achieve(ctx, "what", func(context.Context) (bool, error) { return test.so(acts) }, func(context.Context) error {
					acts++
					if test.act == nil {
						return nil
					}
					return test.act(acts)
				})
				if (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) {
					t.Errorf("got error %v, want %q", err, test.problem)
				}
				if acts != test.acts {
					t.Errorf("acted %d times, want %d", acts, test.acts)
				}
				if took := time.Since(began); took < test.took {
					t.Errorf("took %v, want at least %v", took, test.took)
				}
			})
		})
	}
}
