package s3_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"doorito/adapters/s3"
	"doorito/e2e/services"
	"doorito/ports/portstest"
)

func TestStaging(t *testing.T) {
	t.Parallel()
	budget := s3.NewBudget(4 << 30) // writers that play dead keep what they hold
	t.Run("suite", func(t *testing.T) {
		t.Parallel()
		portstest.Staging(t, func(t *testing.T) portstest.Stage {
			srv := services.S3(t)
			c, in := settings(srv), look(srv)
			c.Budget = budget
			return portstest.Stage{
				Open: func() portstest.StagedBlobs { return mustNew(t, c) },
				Left: func() []string { return in.names(t) },
			}
		})
	})
	t.Cleanup(func() {
		if n := budget.Used(); n != 0 {
			t.Errorf("%d bytes are still charged", n)
		}
	})
}

// names returns the keys of all objects and of all unfinished uploads.
func (b bucket) names(t *testing.T) []string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // asked at cleanup too
	list, err := b.client.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: &b.name})
	if err != nil {
		t.Fatal(err)
	}
	ups, err := b.client.ListMultipartUploads(ctx, &awss3.ListMultipartUploadsInput{Bucket: &b.name})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range list.Contents {
		names = append(names, aws.ToString(o.Key))
	}
	for _, u := range ups.Uploads {
		names = append(names, "upload of "+aws.ToString(u.Key))
	}
	return names
}
