package worker

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"doorito/domain"
)

var _ asynq.RedisConnOpt = (*Redis)(nil)

// briskly is how long Ring, Enqueue and Ping may take.
const briskly = time.Second

// Redis says where Redis is and how to connect: one server, Sentinel, Cluster
// or the embedded one. It opens nothing by itself.
type Redis struct {
	options redis.UniversalOptions
	name    string
}

// ParseRedis reads REDIS_URL; the error names it and what is allowed, and never
// shows the value. Schemes: redis, rediss (TLS), redis-sentinel,
// rediss-sentinel, redis-cluster, rediss-cluster, with + for - if you like. A
// password stands for Redis; Sentinel's own are the query parameters
// sentinel_username and sentinel_password.
func ParseRedis(url string) (*Redis, error) {
	p, err := parsePlace(url)
	if err != nil {
		return nil, err
	}
	o := redis.UniversalOptions{
		Addrs: p.hosts, DB: p.db, Username: p.user, Password: p.password,
		MasterName: p.master, SentinelUsername: p.sentinelUser, SentinelPassword: p.sentinelPassword,
		IsClusterMode: p.kind == "cluster",
	}
	kind := "redis"
	if p.tls {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		kind = "rediss"
	}
	if p.kind != "" {
		kind += "-" + p.kind
	}
	name := kind + "://" + strings.Join(p.hosts, ",")
	if p.master != "" {
		name += "/" + p.master
	}
	return newRedis(o, name), nil
}

func newRedis(o redis.UniversalOptions, name string) *Redis {
	o.DisableIdentity = true
	// Announcements of a hosted Redis's upgrades need a command that others
	// answer with an error.
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Redis{options: o, name: name}
}

// String names the place without user and password.
func (r *Redis) String() string { return r.name }

// MakeRedisClient implements asynq.RedisConnOpt with a patient client: the queue
// server and the dashboard may wait and try again.
func (r *Redis) MakeRedisClient() any {
	o := r.options
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = 2*time.Second, 3*time.Second, 3*time.Second
	return redis.NewUniversalClient(&o)
}

// brisk is for callers that someone waits for: it heeds deadlines and soon
// gives up.
func (r *Redis) brisk() redis.UniversalClient {
	o := r.options
	o.ContextTimeoutEnabled = true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = briskly, briskly, briskly, briskly
	o.DialerRetries, o.MaxRetries = 1, 1
	return redis.NewUniversalClient(&o)
}

// ping asks Redis for a sign of life.
func ping(ctx context.Context, c redis.UniversalClient) error {
	ctx, cancel := context.WithTimeout(ctx, briskly)
	defer cancel()
	if err := c.Ping(ctx).Err(); err != nil {
		return unreachable(err)
	}
	return nil
}

func unreachable(err error) error {
	return domain.WrapError(domain.Unavailable, err, "The queue (REDIS_URL) does not answer.")
}

// LogRedis sends what the Redis library has to say (failed dials and the like)
// to log at level debug: whoever needed the connection reports the failure. It
// holds for the whole process.
func LogRedis(log *slog.Logger) { redis.SetLogger(redisLog{log}) }

type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	if l.log.Enabled(ctx, slog.LevelDebug) {
		l.log.DebugContext(ctx, "redis client", "note", fmt.Sprintf(format, v...))
	}
}
