package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// floorBody is about as long as an event.
var floorBody = `{"id":"01900000-0000-7000-8000-000000000000","data":"` + strings.Repeat("x", 400) + `"}`

// postFloor commits and posts, again and again at the pace of the case, and
// returns the milliseconds from before the commit to the request.
func postFloor(ctx context.Context, commit func() error) ([]float64, error) {
	arrived := make(chan arrival, 1)
	receiver := receive(func(a arrival) { arrived <- a })
	defer receiver.Close()
	tick := time.NewTicker(latencyEvery / 2)
	defer tick.Stop()
	var took []float64
	for i := range latencyWarm + latencyEvents/3 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
		start := time.Now()
		if err := commit(); err != nil {
			return nil, err
		}
		if err := post(ctx, http.DefaultClient, receiver.URL, nil, []byte(floorBody)); err != nil {
			return nil, err
		}
		if a := <-arrived; i >= latencyWarm {
			took = append(took, millis(a.at.Sub(start)))
		}
	}
	return took, nil
}

func post(ctx context.Context, c *http.Client, url string, h http.Header, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	if h != nil {
		req.Header = h
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("the receiver answers %s", res.Status)
	}
	return nil
}
