package pipeline

// What proves a release: its manifest, by one or two hashes, and its signature.

import (
	"fmt"
	"os"

	"minxi/generator/internal/address"
	"minxi/generator/internal/proof"
	"minxi/generator/internal/site"
)

// sm3 reports whether the operator asks for hashes by SM3, too.
func (o Options) sm3() bool { return site.SM3(os.DirFS(o.Dir)) }

// proofs are the addresses of the files that prove a release.
func (o Options) proofs() []string {
	list := []string{address.ManifestFile}
	if o.sm3() {
		list = append(list, address.ManifestSM3File)
	}
	if o.Key != nil {
		list = append(list, address.ManifestFile+address.SignatureEnding, address.PublicKeyFile)
	}
	return list
}

// proofs writes these files, when every other is there. The manifest has all files but
// itself and its signature.
func (w *writer) proofs(o Options) error {
	return o.prove(&w.hashes, w.res.Published, w.files, w.write)
}

// prove writes what proves the files of a list, to which write adds.
func (o Options) prove(list *proof.List, published string, files func() int, write func(string, []byte) error) error {
	if o.sm3() {
		if err := write(address.File(address.ManifestSM3File), list.SM3Text()); err != nil {
			return err
		}
	}
	if o.Key != nil {
		if err := write(address.File(address.PublicKeyFile), proof.PublicFile(o.Key.Public())); err != nil {
			return err
		}
	}
	n, manifest := files(), list.SHA256()
	if err := write(address.File(address.ManifestFile), manifest); err != nil || o.Key == nil {
		return err
	}
	comment := fmt.Sprintf("file:manifest.sha256 edition:%s files:%d", published, n)
	return write(address.File(address.ManifestFile+address.SignatureEnding), o.Key.Sign(manifest, comment))
}
