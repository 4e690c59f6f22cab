package site

import (
	"fmt"
	"strings"
	"testing"

	"rsc.io/qr"
)

// TestQRCode draws the path as a pen does, and wants the modules of the code, each once;
// without the whole address there is no code.
func TestQRCode(t *testing.T) {
	const origin, path = "https://example.org/minxi", "/zh/places/ninghua/"
	if qrCode("", path) != nil {
		t.Error("a code of half an address")
	}
	if qrCode("https://example.org/"+strings.Repeat("x", 4000), path) != nil {
		t.Error("a code that no standard has room for")
	}
	got := qrCode(origin, path)
	want, err := qr.Encode(origin+path, qr.L)
	if err != nil || got.Size != want.Size {
		t.Fatal(err, got.Size)
	}
	dark := map[[2]int]int{}
	for _, line := range strings.Split(got.Path, "M")[1:] {
		var x, y, n, skip int
		start, rest, _ := strings.Cut(line, "h")
		if _, err := fmt.Sscanf(start, "%d %d.5", &x, &y); err != nil {
			t.Fatalf("%q: %v", start, err)
		}
		for _, run := range strings.Split("m0 0h"+rest, "m")[1:] {
			if _, err := fmt.Sscanf(run, "%d 0h%d", &skip, &n); err != nil {
				t.Fatalf("%q: %v", run, err)
			}
			x += skip
			for range n {
				dark[[2]int{x, y}]++
				x++
			}
		}
	}
	for y := range want.Size {
		for x := range want.Size {
			n := 0
			if want.Black(x, y) {
				n = 1
			}
			if dark[[2]int{x, y}] != n {
				t.Fatalf("the module %d, %d is drawn %d times, want %d", x, y, dark[[2]int{x, y}], n)
			}
		}
	}
}
