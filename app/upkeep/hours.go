package upkeep

import "fmt"

// hours is the cron expression of every n hours from midnight UTC on; n of a
// day and more means once a day.
func hours(n int) string {
	if n >= 24 {
		return "0 0 * * *"
	}
	return fmt.Sprintf("0 */%d * * *", max(n, 1))
}
