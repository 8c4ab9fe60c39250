// Package webhooks is what admins see of and do with endpoints, deliveries and
// events. Sending itself is package engine's; a test event is sent from here,
// through the same courier, so that its answer can be shown in place.
package webhooks
