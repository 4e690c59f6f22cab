package publish

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"math"
	"os"
)

// A spool is a list of records on disk, so that a site of any number of files is
// published in the same memory. It is written once, then read any number of times.
type spool[T any] struct {
	file *os.File
	w    *bufio.Writer
	enc  *json.Encoder
	n    int
}

// temporary makes a file that has no name any more where the system allows that.
func temporary() (*os.File, error) {
	f, err := os.CreateTemp("", "minxi-publish-*")
	if err == nil {
		os.Remove(f.Name()) // fails on Windows, where discard does it
	}
	return f, err
}

func discard(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}

// newSpool makes an empty list.
func newSpool[T any]() (*spool[T], error) {
	f, err := temporary()
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &spool[T]{file: f, w: w, enc: enc}, nil
}

func (s *spool[T]) add(v T) error {
	s.n++
	return s.enc.Encode(v)
}

func (s *spool[T]) len() int { return s.n }

// text is the list as it stands on disk, from its start.
func (s *spool[T]) text() (io.Reader, error) {
	return io.NewSectionReader(s.file, 0, math.MaxInt64), s.w.Flush()
}

// all reads the list from its start.
func (s *spool[T]) all() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		text, err := s.text()
		if err != nil {
			yield(*new(T), err)
			return
		}
		records[T](text)(yield)
	}
}

// records reads JSON lines, to the end or to the first that is none.
func records[T any](text io.Reader) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		dec := json.NewDecoder(bufio.NewReaderSize(text, 1<<16))
		for {
			var v T
			err := dec.Decode(&v)
			if err == io.EOF || !yield(v, err) || err != nil {
				return
			}
		}
	}
}

func (s *spool[T]) close() {
	if s != nil {
		discard(s.file)
	}
}

// only gives what f makes of a list's records, of those for which it says so.
func only[A, B any](all iter.Seq2[A, error], f func(A) (B, bool)) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		for a, err := range all {
			b, is := *new(B), true
			if err == nil {
				b, is = f(a)
			}
			if is && !yield(b, err) {
				return
			}
		}
	}
}

// inTurn gives one list after the other.
func inTurn[T any](lists ...iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, list := range lists {
			for v, err := range list {
				if !yield(v, err) {
					return
				}
			}
		}
	}
}

// these are records that are in memory.
func these[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}
