package browser

import (
	"github.com/go-rod/rod/lib/proto"
)

// Drag holds files (or folders) from outside over an element, and says so to the
// page; the function it returns lets go.
func (p *Page) Drag(css string, paths ...string) (letGo func()) {
	p.tb.Helper()
	x, y := p.point(css)
	data := &proto.InputDragData{Items: []*proto.InputDragDataItem{}, Files: paths, DragOperationsMask: 1}
	send := func(kind proto.InputDispatchDragEventType) {
		p.tb.Helper()
		r := p.rod.Timeout(Patience)
		defer r.CancelTimeout()
		p.must(proto.InputDispatchDragEvent{Type: kind, X: x, Y: y, Data: data}.Call(r), "%s over %s", kind, css)
	}
	send(proto.InputDispatchDragEventTypeDragEnter)
	send(proto.InputDispatchDragEventTypeDragOver)
	return func() {
		p.tb.Helper()
		send(proto.InputDispatchDragEventTypeDragOver)
		send(proto.InputDispatchDragEventTypeDrop)
	}
}

// Drop drags files or folders from outside onto an element and lets go.
func (p *Page) Drop(css string, paths ...string) {
	p.tb.Helper()
	p.Drag(css, paths...)()
}

// Choose answers the file dialog that a step opens, as a person picks in it.
func (p *Page) Choose(opens func(), paths ...string) {
	p.tb.Helper()
	chosen, err := p.rod.HandleFileDialog()
	p.must(err, "watch for the file dialog")
	opens()
	p.must(chosen(paths), "choose files")
}
