package domain

import (
	"time"

	"github.com/google/uuid"
)

// StorageFault is a way in which storage and database differ.
type StorageFault string

const (
	FaultMissing StorageFault = "missing"    // a file whose bytes are not there
	FaultSize    StorageFault = "wrong_size" // a file that has more or fewer bytes than its row says
	FaultOrphan  StorageFault = "orphan"     // bytes that no row names
	FaultPieces  StorageFault = "leftover"   // pieces of an upload that is over: a stage, an unfinished multipart upload
)

// StorageFaults in the order in which they are shown.
var StorageFaults = []StorageFault{FaultMissing, FaultSize, FaultOrphan, FaultPieces}

// StorageExamples is how many faults of a kind a report names.
const StorageExamples = 20

// StorageReport is what a comparison of storage and database found.
type StorageReport struct {
	StartedAt time.Time
	EndedAt   time.Time
	Files     int // rows that were looked at
	Things    int // things in the storage that were looked at
	Faults    map[StorageFault]StorageFaultReport
	Repaired  int
}

// StorageFaultReport is the faults of one kind.
type StorageFaultReport struct {
	Count int
	First []StorageExample
}

// StorageExample names one fault.
type StorageExample struct {
	Key    string
	FileID uuid.UUID // zero for what no row names
	Note   string
}

// Note counts a fault, and names it while there is room.
func (r *StorageReport) Note(kind StorageFault, e StorageExample) {
	if r.Faults == nil {
		r.Faults = map[StorageFault]StorageFaultReport{}
	}
	f := r.Faults[kind]
	if f.Count++; len(f.First) < StorageExamples {
		f.First = append(f.First, e)
	}
	r.Faults[kind] = f
}

// Total is how many faults there are.
func (r *StorageReport) Total() (n int) {
	for _, f := range r.Faults {
		n += f.Count
	}
	return n
}

// Left is how many were not repaired.
func (r *StorageReport) Left() int { return r.Total() - r.Repaired }
