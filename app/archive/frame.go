package archive

import (
	"encoding/binary"
	"time"
)

// Numbers of APPNOTE 6.3.10: signatures and lengths without names and extras.
const (
	localSig, descriptorSig, centralSig        = 0x04034b50, 0x08074b50, 0x02014b50
	endSig, end64Sig, locatorSig               = 0x06054b50, 0x06064b50, 0x07064b50
	localLen, centralLen, endLen               = 30, 46, 22
	descriptorLen, descriptor64Len             = 16, 24
	end64Len, locatorLen                       = 56, 20
	timeExtraLen                               = 9
	zip64Tag, timeTag                   uint16 = 0x0001, 0x5455
	version, version64                  uint16 = 20, 45
	madeByUnix                          uint16 = 3<<8 | version64
	flags                               uint16 = 1<<3 | 1<<11 // sizes follow the bytes (4.4.4), names are UTF-8
	regularFile                         uint32 = 0o100644 << 16
	max32                               int64  = 0xffffffff // from here on numbers are 64 bits wide (4.4.1.4)
	max16                               int    = 0xffff
)

// entry is one file as the archive's headers tell of it.
type entry struct {
	name   string
	size   int64
	at     time.Time
	crc    uint32
	offset int64 // of its local header
}

func (e *entry) isWide() bool { return e.size >= max32 }

// localSize is its header, its bytes and what follows them.
func (e *entry) localSize() int64 {
	n := int64(localLen+len(e.name)+timeExtraLen+descriptorLen) + e.size
	if e.isWide() {
		n += 20 + descriptor64Len - descriptorLen
	}
	return n
}

// centralSize is its part of the central directory.
func (e *entry) centralSize() int64 {
	return int64(centralLen + len(e.name) + timeExtraLen + len(e.wideExtra()))
}

// appendLocal writes the header in front of the bytes. It has zeros where CRC-32
// and sizes come after them (4.4.4); a wide one says so by its extra field
// (4.3.9.2).
func (e *entry) appendLocal(b []byte) []byte {
	var extra []byte
	size, needs := uint32(0), version
	if e.isWide() {
		size, needs = uint32(max32), version64
		extra = le(le(extra, zip64Tag), uint16(16))
		extra = le(le(extra, uint64(0)), uint64(0))
	}
	extra = e.appendTime(extra)
	b = le(b, uint32(localSig))
	b = e.appendCommon(b, needs, 0, size, size, len(extra))
	b = append(b, e.name...)
	return append(b, extra...)
}

// appendDescriptor writes what follows the bytes (4.3.9).
func (e *entry) appendDescriptor(b []byte) []byte {
	b = le(le(b, uint32(descriptorSig)), e.crc)
	if e.isWide() {
		return le(le(b, uint64(e.size)), uint64(e.size))
	}
	return le(le(b, uint32(e.size)), uint32(e.size))
}

// appendCentral writes its part of the central directory (4.3.12).
func (e *entry) appendCentral(b []byte) []byte {
	extra := e.wideExtra()
	needs := version
	if len(extra) > 0 {
		needs = version64
	}
	extra = e.appendTime(extra)
	size := uint32(min(e.size, max32))
	b = le(le(b, uint32(centralSig)), madeByUnix)
	b = e.appendCommon(b, needs, e.crc, size, size, len(extra))
	b = le(le(le(b, uint16(0)), uint16(0)), uint16(0)) // comment, disk, internal attributes
	b = le(le(b, regularFile), uint32(min(e.offset, max32)))
	b = append(b, e.name...)
	return append(b, extra...)
}

// appendCommon writes what both headers have, from the version to the lengths.
func (e *entry) appendCommon(b []byte, needs uint16, crc, packed, size uint32, extra int) []byte {
	day, clock := dosTime(e.at)
	b = le(le(le(b, needs), flags), uint16(0)) // stored
	b = le(le(b, clock), day)
	b = le(le(le(b, crc), packed), size)
	return le(le(b, uint16(len(e.name))), uint16(extra))
}

// wideExtra has the numbers that do not fit (4.5.3), those alone.
func (e *entry) wideExtra() []byte {
	var in []byte
	if e.isWide() {
		in = le(le(in, uint64(e.size)), uint64(e.size))
	}
	if e.offset >= max32 {
		in = le(in, uint64(e.offset))
	}
	if len(in) == 0 {
		return nil
	}
	return append(le(le([]byte(nil), zip64Tag), uint16(len(in))), in...)
}

// appendTime writes the time in UTC (Info-ZIP's extended timestamp), since that
// of the header is local to nobody knows whom.
func (e *entry) appendTime(b []byte) []byte {
	b = append(le(le(b, timeTag), uint16(timeExtraLen-4)), 1)
	return le(b, uint32(e.at.Unix()))
}

// endSize is what follows the central directory.
func endSize(entries int, offset, size int64) int64 {
	if isWideEnd(entries, offset, size) {
		return end64Len + locatorLen + endLen
	}
	return endLen
}

func isWideEnd(entries int, offset, size int64) bool {
	return entries >= max16 || offset >= max32 || size >= max32
}

// appendEnd closes an archive whose central directory has so many entries and
// bytes and begins at offset (4.3.14 to 4.3.16).
func appendEnd(b []byte, entries int, offset, size int64) []byte {
	if isWideEnd(entries, offset, size) {
		b = le(le(b, uint32(end64Sig)), uint64(end64Len-12))
		b = le(le(b, madeByUnix), version64)
		b = le(le(b, uint32(0)), uint32(0))
		b = le(le(b, uint64(entries)), uint64(entries))
		b = le(le(b, uint64(size)), uint64(offset))
		b = le(le(b, uint32(locatorSig)), uint32(0))
		b = le(le(b, uint64(offset+size)), uint32(1))
	}
	n := uint16(min(entries, max16))
	b = le(le(le(b, uint32(endSig)), uint16(0)), uint16(0))
	b = le(le(b, n), n)
	b = le(le(b, uint32(min(size, max32))), uint32(min(offset, max32)))
	return le(b, uint16(0))
}

// dosTime is a time in two-second steps since 1980 (4.4.6), in UTC.
func dosTime(t time.Time) (day, clock uint16) {
	t = t.UTC()
	if t.Year() < 1980 {
		t = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	day = uint16(t.Day() + int(t.Month())<<5 + (min(t.Year(), 2107)-1980)<<9)
	clock = uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
	return day, clock
}

// le appends a number, its lowest byte first (4.4.1.1).
func le[N uint16 | uint32 | uint64](b []byte, n N) []byte {
	switch n := any(n).(type) {
	case uint16:
		return binary.LittleEndian.AppendUint16(b, n)
	case uint32:
		return binary.LittleEndian.AppendUint32(b, n)
	case uint64:
		return binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}
