package offline

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/rand/v2"
	"testing"
)

// unpack does what worker.js does; the browser tests run that.
func unpack(t testing.TB, packed []byte) (files []File) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	n := binary.LittleEndian.Uint32(data)
	var h struct {
		Files   [][2]json.RawMessage
		Streams [4]int
		Min     int
	}
	if err := json.Unmarshal(data[4:4+n], &h); err != nil {
		t.Fatal(err)
	}
	data = data[4+n:]
	var streams [4]*bytes.Reader
	for i, n := range h.Streams {
		streams[i], data = bytes.NewReader(data[:n]), data[n:]
	}
	size := 0
	for _, f := range h.Files {
		var file File
		var n int
		if json.Unmarshal(f[0], &file.Name) != nil || json.Unmarshal(f[1], &n) != nil {
			t.Fatal(f)
		}
		files, size = append(files, file), size+n
	}
	var out []byte
	back := int64(0)
	for {
		n, err := binary.ReadUvarint(streams[1])
		if err != nil {
			t.Fatal(err)
		}
		part := make([]byte, n)
		if _, err := io.ReadFull(streams[0], part); err != nil {
			t.Fatal(err)
		}
		if out = append(out, part...); len(out) >= size {
			break
		}
		l, err := binary.ReadUvarint(streams[2])
		if err != nil {
			t.Fatal(err)
		}
		d, err := binary.ReadVarint(streams[3])
		if err != nil {
			t.Fatal(err)
		}
		back += d
		for range int(l) + h.Min {
			out = append(out, out[int64(len(out))-back])
		}
		if len(out) >= size {
			break
		}
	}
	for i, f := range h.Files {
		var n int
		_ = json.Unmarshal(f[1], &n)
		files[i].Data, out = out[:n], out[n:]
	}
	if len(out) > 0 {
		t.Fatalf("%d bytes are left", len(out))
	}
	return files
}

func TestPack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.IntN(256))
		}
		return b
	}
	page := random(9000)
	for name, files := range map[string][]File{
		"none":        {},
		"one, empty":  {{"a", nil}},
		"short":       {{"a", []byte("x")}, {"b", nil}, {"c", []byte("y")}},
		"a run":       {{"a", bytes.Repeat([]byte("a"), 5000)}},
		"nothing new": {{"a", page}, {"b", page}, {"c", page[100:]}, {"d", page[:20]}},
		"far apart":   {{"a", page}, {"b", random(200000)}, {"c", append(append([]byte("x"), page...), 'y')}},
		"all new":     {{"a", random(30)}, {"b", random(70000)}},
	} {
		packed := Pack(files)
		got := unpack(t, packed)
		if len(got) != len(files) {
			t.Fatalf("%s: %d files", name, len(got))
		}
		for i, f := range files {
			if got[i].Name != f.Name || !bytes.Equal(got[i].Data, f.Data) {
				t.Errorf("%s: %s is not as it was", name, f.Name)
			}
		}
		if again := Pack(files); !bytes.Equal(packed, again) {
			t.Errorf("%s is not the same twice", name)
		}
	}
	small, all := len(Pack([]File{{"a", page}})), len(Pack([]File{{"a", page}, {"b", random(100000)}, {"c", page}}))-100000
	if all > small+200 {
		t.Errorf("what is there twice takes %d bytes, and once %d", all, small)
	}
}

func FuzzPack(f *testing.F) {
	f.Add([]byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), 7)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		n = min(max(n, 0), len(data))
		got := unpack(t, Pack([]File{{"a", data[:n]}, {"b", data[n:]}, {"c", data}}))
		if !bytes.Equal(got[0].Data, data[:n]) || !bytes.Equal(got[1].Data, data[n:]) || !bytes.Equal(got[2].Data, data) {
			t.Error("not as it was")
		}
	})
}
