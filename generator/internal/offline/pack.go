package offline

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"math/bits"
)

// A File is one of those that a pack holds.
type File struct {
	Name string // slash path in the tree
	Data []byte
}

// A pack is many files as one, small because most of what a page has stands on another
// one, too. Browsers can undo deflate, which does not look farther back than 32 KB: so
// what has been before, at any distance, is replaced first, and what is left is deflated.
// On the real plan that makes 3 % of the pages, where each by itself makes 20 %. Undoing
// it takes twenty lines of script (worker.js).
//
// It is gzip of: the length of the head, 4 bytes, little-endian; the head, as JSON; and
// four streams. The first has what is new; the others are numbers in the varints of
// encoding/binary, for each repetition: how many new bytes stand before it, how long it
// is beyond shortest, and how far back it lies, as the difference to the one before.
type head struct {
	Files   [][2]any `json:"files"`   // name and length, in order
	Streams [4]int   `json:"streams"` // lengths
	Min     int      `json:"min"`
}

const (
	shortest = 20 // a repetition that is shorter costs more than it saves
	deepest  = 64 // places of the same beginning that are tried for the longest
	hashed   = 8  // bytes of a beginning
)

// Pack makes a pack of files, in their order: those that resemble each other had better
// stand together.
func Pack(files []File) []byte {
	var all bytes.Buffer
	h := head{Files: [][2]any{}, Min: shortest}
	for _, f := range files {
		h.Files = append(h.Files, [2]any{f.Name, len(f.Data)})
		all.Write(f.Data)
	}
	streams := repetitions(all.Bytes())
	for i, s := range streams {
		h.Streams[i] = len(s)
	}
	text, _ := json.Marshal(h) // names and numbers always encode
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is one
	write := func(data []byte) { _, _ = z.Write(data) }     // a buffer takes everything
	write(binary.LittleEndian.AppendUint32(nil, uint32(len(text))))
	write(text)
	for _, s := range streams {
		write(s)
	}
	_ = z.Close()
	return out.Bytes()
}

// repetitions divides data into what is new and where the rest has been before.
func repetitions(data []byte) (streams [4][]byte) {
	const fresh, before, length, distance = 0, 1, 2, 3
	f := &finder{data: data, newest: make([]int32, 1<<bits.Len(uint(len(data)|0xffff))), older: make([]int32, len(data))}
	from, last := 0, 0 // of what is new; the distance of the repetition before
	for i := 0; i+shortest <= len(data); {
		n, back := f.find(i, last)
		f.note(i)
		if n < shortest {
			i++
			continue
		}
		if next, _ := f.find(i+1, last); next > n+1 { // a byte later begins a longer one
			i++
			continue
		}
		streams[fresh] = append(streams[fresh], data[from:i]...)
		streams[before] = binary.AppendUvarint(streams[before], uint64(i-from))
		streams[length] = binary.AppendUvarint(streams[length], uint64(n-shortest))
		streams[distance] = binary.AppendVarint(streams[distance], int64(back-last))
		for k := 1; k < n; k++ {
			f.note(i + k)
		}
		i += n
		from, last = i, back
	}
	streams[fresh] = append(streams[fresh], data[from:]...)
	streams[before] = binary.AppendUvarint(streams[before], uint64(len(data)-from))
	return streams
}

// finder knows where each beginning has been.
type finder struct {
	data   []byte
	newest []int32 // the last place of a beginning, by its hash, counted from 1
	older  []int32 // the place of the same hash before a place
}

func (f *finder) hash(i int) int {
	x := binary.LittleEndian.Uint64(f.data[i:]) * 0x9E3779B185EBCA87
	return int(x >> (65 - bits.Len(uint(len(f.newest)))))
}

func (f *finder) note(i int) {
	if i+hashed <= len(f.data) {
		h := f.hash(i)
		f.older[i], f.newest[h] = f.newest[h], int32(i+1)
	}
}

// find is the longest repetition of what begins at i, and how far back it lies. One that
// lies as far back as the one before it costs less, and is taken if it is nearly as long.
func (f *finder) find(i, last int) (n, back int) {
	if i+shortest > len(f.data) {
		return 0, 0
	}
	for at, tries := f.newest[f.hash(i)], 0; at > 0 && tries < deepest; tries++ {
		j := int(at - 1)
		if n == 0 || i+n < len(f.data) && f.data[j+n] == f.data[i+n] {
			if m := f.same(i, j); m > n {
				n, back = m, i-j
			}
		}
		at = f.older[j]
	}
	if last > 0 && last <= i {
		if m := f.same(i, i-last); m+4 >= n && m >= shortest {
			return m, last
		}
	}
	return n, back
}

func (f *finder) same(i, j int) (n int) {
	for i+n < len(f.data) && f.data[i+n] == f.data[j+n] {
		n++
	}
	return n
}
