package projector

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestBacklog compares with a list of all blocks that wait: the age is never less
// than the oldest's, and nothing when none waits.
func TestBacklog(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 1))
		var b backlog
		type waiting struct {
			number uint64
			since  time.Time
		}
		var list []waiting
		now, head := time.Unix(0, 0), uint64(0)
		for range 60 {
			now = now.Add(time.Duration(random.IntN(5)) * time.Second)
			if random.IntN(2) == 0 {
				for range 1 + random.IntN(3) {
					head++
					list = append(list, waiting{head, now})
				}
				b.known(head, now)
			} else if len(list) > 0 {
				n := 1 + random.IntN(len(list))
				b.projected(list[n-1].number)
				list = list[n:]
			}
			if len(list) == 0 {
				if age := b.age(now); age != 0 {
					t.Fatalf("seed %d: nothing waits, it says %s", seed, age)
				}
				continue
			}
			b.known(list[random.IntN(len(list))].number, now) // again, which changes nothing
			oldest := now.Sub(list[0].since)
			if age := b.age(now); age < oldest {
				t.Fatalf("seed %d: the oldest waits for %s, it says %s", seed, oldest, age)
			}
		}
	}
}
