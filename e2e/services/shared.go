package services

import (
	"context"
	"os"
	"sync"
)

// The servers that all tests of this process use: those that make test has
// started, else one of each kind started at the first call and ended by the
// kernel with this process.
var (
	sharedPostgres = sync.OnceValues(func() (string, error) {
		if url := os.Getenv(EnvPostgresURL); url != "" {
			return url, nil
		}
		stack, err := Start(context.Background(), WantPostgres)
		if err != nil {
			return "", err
		}
		return stack.Postgres.URL, nil
	})

	sharedS3 = sync.OnceValues(func() (*S3Server, error) {
		if endpoint := os.Getenv(EnvS3Endpoint); endpoint != "" {
			return &S3Server{Endpoint: endpoint, Region: s3Region, AccessKey: os.Getenv(EnvS3Key),
				SecretKey: os.Getenv(EnvS3Secret), Bucket: os.Getenv(EnvS3Bucket), dir: os.Getenv(envS3Dir)}, nil
		}
		stack, err := Start(context.Background(), WantS3)
		if err != nil {
			return nil, err
		}
		return stack.S3, nil
	})

	// sharedDir is for what tests start by themselves (private Redis, browsers).
	sharedDir = sync.OnceValues(newWorkdir)
)
