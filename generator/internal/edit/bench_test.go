package edit

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkSave saves one sentence, journal and lock included.
func BenchmarkSave(b *testing.B) {
	d := desk(b, project(b), "张三")
	ref := Ref{ID: "s3-7", Field: English}
	v, err := d.Read(ref)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n++
		s, err := d.Save(context.Background(), Change{Ref: ref, Text: fmt.Sprintf("Round %d of many.", n), Base: v.Hash})
		if err != nil {
			b.Fatal(err)
		}
		v = s.Version
	}
}
