package worker

import (
	"errors"

	"github.com/hibiken/asynq"
)

// Sizes is how many tasks each queue has, by state. A queue that nothing was put
// into yet is left out.
func Sizes(r *Redis) (map[string]map[string]int, error) {
	in := asynq.NewInspector(r)
	defer in.Close()
	out := map[string]map[string]int{}
	for name := range queueWeights {
		q, err := in.GetQueueInfo(name)
		if errors.Is(err, asynq.ErrQueueNotFound) {
			continue
		}
		if err != nil {
			return out, err
		}
		out[name] = map[string]int{"pending": q.Pending, "active": q.Active, "scheduled": q.Scheduled, "retry": q.Retry, "archived": q.Archived}
	}
	return out, nil
}
