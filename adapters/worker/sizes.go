package worker

import "github.com/hibiken/asynq"

// Sizes is how many tasks each queue has, by state. A queue that nothing was put
// into yet is left out.
func Sizes(r *Redis) (map[string]map[string]int, error) {
	in := asynq.NewInspector(r)
	defer in.Close()
	out := map[string]map[string]int{}
	names, err := in.Queues()
	if err != nil {
		return out, err
	}
	for _, name := range names {
		q, err := in.GetQueueInfo(name)
		if err != nil {
			return out, err
		}
		out[name] = map[string]int{"pending": q.Pending, "active": q.Active, "scheduled": q.Scheduled, "retry": q.Retry, "archived": q.Archived}
	}
	return out, nil
}
