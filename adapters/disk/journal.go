package disk

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"sync"
)

// A journal is a header, then records without gaps, each in pages of its own:
//
//	header  checksum 4, magic 8, turn 8
//	record  checksum 4, length of data 4, turn 8, inode 8, born 8, length of key 2, key, data
//
// Numbers are little endian, checksums CRC-32C of all that follows in the header
// or record. A record counts while its turn is the header's: another turn empties
// the journal. Turns are random: who guessed one could upload bytes that look like
// records, which an older record's end may turn out to be.
const (
	journalMagic = "dooritoJ"
	headerLength = 4 + len(journalMagic) + 8
	recordLength = 4 + 4 + 8 + 8 + 8 + 2 // before key and data
	page         = 4096
)

var (
	little     = binary.LittleEndian
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// journal is one file, whose lock this process has.
type journal struct {
	file *os.File
	size int64
	sync func(*os.File) error // makes its bytes durable

	device uint64 // that its blobs are on too

	mu      sync.Mutex
	moved   sync.Cond // of what follows
	turn    uint64
	end     int64 // of the records
	synced  int64 // so far they are durable
	syncing bool
	users   int // those who are in put
	broken  bool
	failed  bool // its blobs could not be synced
}

// newJournal makes a file and locks it; prepare it before it is used.
func newJournal(dir string, size int64, sync func(*os.File) error) (*journal, error) {
	f, err := os.CreateTemp(dir, "*")
	if err != nil {
		return nil, err
	}
	j := &journal{file: f, size: size, sync: sync, device: identify(f).device}
	j.moved.L = &j.mu
	if j.device == 0 || !lockAlone(f) {
		return nil, errors.Join(errors.ErrUnsupported, j.remove())
	}
	return j, nil
}

// prepare has all of the file be on the disk, so that a sync of some of its bytes
// has nothing else to write.
func (j *journal) prepare() error {
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < j.size; at += int64(len(zeros)) {
		if _, err := j.file.WriteAt(zeros[:min(int64(len(zeros)), j.size-at)], at); err != nil {
			return err
		}
	}
	return j.begin()
}

// remove ends a journal without records.
func (j *journal) remove() error {
	return errors.Join(os.Remove(j.file.Name()), j.file.Close())
}

// begin makes the journal an empty one of a new turn.
func (j *journal) begin() error {
	head := make([]byte, headerLength)
	copy(head[4:], journalMagic)
	if _, err := rand.Read(head[12:]); err != nil {
		return err
	}
	little.PutUint32(head, crc32.Checksum(head[4:], castagnoli))
	if _, err := j.file.WriteAt(head, 0); err != nil {
		return err
	}
	j.turn, j.end, j.synced = little.Uint64(head[12:]), page, page
	return j.sync(j.file)
}

// room tells whether data fits, and keeps the journal from being emptied until
// put has returned. first says that it is the first of its turn.
func (j *journal) room(key string, data []byte) (fits, first bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken || j.end+pages(key, data) > j.size {
		return false, false
	}
	j.users++
	return true, j.users == 1 && j.end == page
}

// pages is how many bytes a record takes.
func pages(key string, data []byte) int64 {
	return (int64(recordLength+len(key)+len(data)) + page - 1) &^ (page - 1)
}

var recordBuffers = sync.Pool{New: func() any { return new([]byte) }}

// put adds a record and returns when it is durable, together with those that
// others add meanwhile; false when it is not. Call it after room.
func (j *journal) put(key string, file identity, data []byte) bool {
	buf := recordBuffers.Get().(*[]byte)
	defer recordBuffers.Put(buf)
	j.mu.Lock()
	defer j.mu.Unlock()
	defer func() {
		j.users--
		j.moved.Broadcast()
	}()
	*buf = appendRecord((*buf)[:0], j.turn, key, file, data)
	if j.broken || file.device != j.device || j.end+int64(len(*buf)) > j.size {
		return false
	}
	if _, err := j.file.WriteAt(*buf, j.end); err != nil {
		j.broken = true
		return false
	}
	j.end += int64(len(*buf))
	for end := j.end; j.synced < end; {
		switch {
		case j.broken:
			return false
		case j.syncing:
			j.moved.Wait()
		default:
			j.syncAll()
		}
	}
	return true
}

// syncAll makes durable what was added until now; it lets mu go meanwhile.
func (j *journal) syncAll() {
	upTo := j.end
	j.syncing = true
	j.mu.Unlock()
	err := j.sync(j.file)
	j.mu.Lock()
	j.syncing = false
	if err != nil {
		j.broken = true
	} else {
		j.synced = upTo
	}
	j.moved.Broadcast()
}

// empty waits for those who are in put, then for save, which makes durable what
// the records stand for, and forgets them. After an error they stay in the file.
// Nobody may ask for room any more.
func (j *journal) empty(save func(*os.File) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.users > 0 {
		j.moved.Wait()
	}
	if err := save(j.file); err != nil {
		return err
	}
	j.broken = false
	return j.begin()
}

// appendRecord adds a record in whole pages.
func appendRecord(to []byte, turn uint64, key string, file identity, data []byte) []byte {
	from := len(to)
	to = append(to, make([]byte, 4)...)
	to = little.AppendUint32(to, uint32(len(data)))
	to = little.AppendUint64(to, turn)
	to = little.AppendUint64(to, file.inode)
	to = little.AppendUint64(to, file.born)
	to = little.AppendUint16(to, uint16(len(key)))
	to = append(append(to, key...), data...)
	little.PutUint32(to[from:], crc32.Checksum(to[from+4:], castagnoli))
	return append(to, make([]byte, pages(key, data)-int64(len(to)-from))...)
}

// identity tells a file from all others; zero where that is not known, and then
// there is no journal for it.
type identity struct{ device, inode, born uint64 }

// record is a blob as it was put.
type record struct {
	key  string
	file identity // without the device
	data []byte
}

// readJournal are the records in a journal's file until the first that is not
// whole: it was being added when the process or the machine stopped.
func readJournal(file []byte) (all []record) {
	if len(file) < page || little.Uint32(file) != crc32.Checksum(file[4:headerLength], castagnoli) || string(file[4:12]) != journalMagic {
		return nil
	}
	turn := little.Uint64(file[12:])
	for rest := file[page:]; len(rest) >= recordLength; {
		n, k := int64(little.Uint32(rest[4:])), int64(little.Uint16(rest[32:]))
		length := recordLength + k + n
		if little.Uint64(rest[8:]) != turn || length > int64(len(rest)) || little.Uint32(rest) != crc32.Checksum(rest[4:length], castagnoli) {
			break
		}
		r := record{key: string(rest[recordLength : recordLength+k]), file: identity{inode: little.Uint64(rest[16:]), born: little.Uint64(rest[24:])}, data: rest[recordLength+k : length]}
		all = append(all, r)
		rest = rest[min(pages(r.key, r.data), int64(len(rest))):]
	}
	return all
}
