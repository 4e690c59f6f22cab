package offline

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the scripts
	"encoding/json"
	"fmt"

	"minxi/generator/internal/plan"
)

// MostPacked is how large a pack may be, in bytes: what a reader's device fetches once
// for each release; and MostUnpacked how much it holds, which the device has in memory
// while somebody reads without a network.
const (
	MostPacked   = 300 << 10
	MostUnpacked = 24 << 20
)

// The scripts: worker.js is the service worker, register.js has a page ask for it, and
// leave.js takes a service worker away that a site once had.
var (
	//go:embed worker.js
	worker []byte
	//go:embed register.js
	Register []byte
	//go:embed leave.js
	Leave []byte
)

// Worker is the service worker of a release: of its pack's path in the tree, and of what
// it says on a page that it has from there, and of one that it does not have.
func Worker(pack string, kept, lost map[plan.Lang]string) []byte {
	said, _ := json.Marshal(struct {
		Pack string               `json:"pack"`
		Kept map[plan.Lang]string `json:"kept"`
		Lost map[plan.Lang]string `json:"lost"`
	}{pack, kept, lost}) // texts always encode
	return bytes.Replace(worker, []byte("RELEASE"), said, 1)
}

// Asset is the slash path of a file that is named after its content.
func Asset(ending string, data []byte) string {
	return fmt.Sprintf("assets/offline.%.6x.%s", sha256.Sum256(data), ending)
}
