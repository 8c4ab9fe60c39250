package worker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"doorito/adapters/worker"
	"doorito/domain"
)

func TestParseRedisReadsEveryForm(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"redis://127.0.0.1":                           "redis://127.0.0.1:6379",
		"redis://h:6380/3":                            "redis://h:6380",
		"redis://user:s%2Fcret@h:6380/0":              "redis://h:6380",
		"redis://:p@ss:word@h":                        "redis://h:6379",
		"redis://[::1]:6380/1":                        "redis://[::1]:6380",
		"redis://[::1]":                               "redis://[::1]:6379",
		"rediss://h":                                  "rediss://h:6379",
		"redis-sentinel://:pw@h1:26379,h2/mymaster/2": "redis-sentinel://h1:26379,h2:26379/mymaster",
		"redis+sentinel://h1/m":                       "redis-sentinel://h1:26379/m",
		"rediss-sentinel://h1,h2/m?sentinel_username=a&sentinel_password": "rediss-sentinel://h1:26379,h2:26379/m",
		"redis-cluster://u:pw@h1:7000,h2:7001,[::1]:7002":                 "redis-cluster://h1:7000,h2:7001,[::1]:7002",
		"rediss+cluster://h1/0":                                           "rediss-cluster://h1:6379",
	} {
		r, err := worker.ParseRedis(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
		} else if r.String() != want {
			t.Errorf("%s: %s, want %s", url, r, want)
		}
	}
}

func TestParseRedisRefusesWithoutShowingThePassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "hunter2", "http://:hunter2@h", "redis:hunter2@h", "redis://", "redis://:hunter2@", "redis://:hunter2@h:0", "redis://:hunter2@h:99999",
		"redis://:hunter2@h:x", "redis://:hunter2@a,b", "redis://:hunter2@h/x", "redis://:hunter2@h/-1", "redis://:hunter2@::1",
		"redis://:hunter2%zz@h", "redis://:hunter2@h?db=1", "redis-sentinel://:hunter2@h", "redis-sentinel://:hunter2@h/m/x",
		"redis-cluster://:hunter2@h/1", "redis-cluster://:hunter2@h1,,h2", "redis-unix://:hunter2@h", "redisx://h",
	} {
		_, err := worker.ParseRedis(url)
		if !domain.IsCode(err, domain.Invalid) || !strings.Contains(err.Error(), "REDIS_URL") {
			t.Errorf("%q: %v", url, err)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error shows the password: %v", url, err)
		}
	}
}

func TestEmbeddedKeysExpire(t *testing.T) {
	t.Parallel()
	c := closing(t, embedded(t).MakeRedisClient().(redis.UniversalClient))
	if err := c.Set(t.Context(), "lock", "held", time.Second).Err(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the lock to expire", func() bool { return c.Exists(t.Context(), "lock").Val() == 0 })
}

func TestEmbeddedStaysClosed(t *testing.T) {
	t.Parallel()
	e, err := worker.StartEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	tasks := closing(t, worker.NewTasks(e.Redis(), clock))
	if err := tasks.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.Close()
	e.Close()
	if err := tasks.Ping(t.Context()); !domain.IsCode(err, domain.Unavailable) {
		t.Fatal(err)
	}
}
