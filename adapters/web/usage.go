package web

import (
	"doorito/adapters/web/list"
	"doorito/domain"
)

// UsageView is the meter of what somebody's files take.
type UsageView struct {
	State, Words string
	Percent      int
	Limited      bool
	Full         bool
}

func usageView(u domain.Usage) UsageView {
	return UsageView{State: usageState(u), Words: usageWords(u), Percent: u.Percent(), Limited: u.Quota > 0, Full: u.Quota > 0 && u.Left() == 0}
}

func quotaText(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return domain.ExactBytes(bytes)
}

// usageCell is a meter where there is a quota.
func usageCell(u domain.Usage) list.Cell {
	if u.Quota == 0 {
		return list.Text(domain.FormatBytes(u.Used))
	}
	return list.Filled(usageState(u), u.Percent(), usageWords(u))
}

// usageWords is "3.2 GB of 10 GB used".
func usageWords(u domain.Usage) string {
	if u.Quota == 0 {
		return domain.FormatBytes(u.Used) + " used"
	}
	return domain.FormatBytes(u.Used) + " of " + domain.FormatBytes(u.Quota) + " used"
}

// usageState is the colour of the meter: it warns when little is left.
func usageState(u domain.Usage) string {
	switch p := u.Percent(); {
	case u.Used >= u.Quota:
		return "failed"
	case p >= 90:
		return "pending"
	}
	return "stored"
}
