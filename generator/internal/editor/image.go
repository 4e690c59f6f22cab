package editor

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	_ "image/gif"
	"image/jpeg"
	"image/png"
	"io/fs"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/bep/imagemeta"
	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
	_ "golang.org/x/image/webp"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

const (
	maxPicture = 20 << 20 // bytes, as they are sent
	maxPixels  = 60 << 20 // of a picture that is read into memory
	widest     = 1280     // pixels that a page shows at most, for screens with fine pixels too
	quality    = 80
	imageDir   = "static/images"
)

// image takes a picture, makes it as large as pages show it, without what the camera
// says of place and owner, and answers with the Markdown for it.
func (e *Editor) image(r *http.Request) (any, error) {
	var in struct {
		Name string `json:"name"`
		Alt  string `json:"alt"`
		Data []byte `json:"data"` // base64
	}
	if err := take(r, maxPicture*4/3+4<<10, &in); err != nil {
		return nil, err
	}
	alt := strings.Join(strings.Fields(in.Alt), " ")
	if alt == "" {
		return nil, diag.Diagnostic{Check: "image-text", Fact: diag.Text("缺少替代文字", "the text in place of the picture is missing"),
			Hint: diag.Text("写看不见图的人该听到什么。", "Write what somebody hears who cannot see it.")}
	}
	data, ending, err := forPages(in.Data)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	name := plainName(in.Name) + "-" + hex.EncodeToString(sum[:4]) + ending
	if err := e.keepImage(name, data); err != nil {
		return nil, err
	}
	return map[string]string{"path": "/images/" + name, "markdown": "![" + escapeAlt.ReplaceAllString(alt, `\$0`) + "](/images/" + name + ")"}, nil
}

var (
	escapeAlt = regexp.MustCompile(`[\\\[\]*_` + "`" + `<>&]`)
	noName    = regexp.MustCompile(`[^a-z0-9]+`)
)

// plainName is a name that may stand in an address.
func plainName(name string) string {
	name = strings.ToLower(strings.TrimSuffix(path.Base(name), path.Ext(name)))
	if name = strings.Trim(noName.ReplaceAllString(name, "-"), "-"); name == "" {
		return "picture"
	}
	return name[:min(len(name), 40)]
}

// keepImage writes a new file; one that is there has the same content, by its name.
func (e *Editor) keepImage(name string, data []byte) error {
	root, err := os.OpenRoot(e.o.Dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(imageDir, 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(imageDir+"/"+name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = root.Remove(imageDir + "/" + name) // half a picture is none
	}
	return err
}

// forPages makes of a picture what pages show.
func forPages(data []byte) (out []byte, ending string, err error) {
	refused := func(why plan.Text) error {
		return diag.Diagnostic{Check: "image", Fact: why,
			Hint: diag.Text("用 JPEG、PNG、GIF 或 WebP，不超过 20 MB、6000 万像素。", "Use JPEG, PNG, GIF or WebP of at most 20 MB and 60 million pixels.")}
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, "", refused(diag.Text("这不是能识别的图片", "this is no picture that can be read"))
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, "", refused(diag.Text("图片太大", "the picture is too large"))
	}
	src, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", refused(diag.Text("图片坏了", "the picture is broken"))
	}
	dst := upright(src, orientation(data, format), widest)
	var b bytes.Buffer
	if opaque, is := src.(interface{ Opaque() bool }); format == "png" || format == "gif" || is && !opaque.Opaque() {
		// A drawing: JPEG would blur its lines, and has no holes.
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, dst)
		ending = ".png"
	} else {
		err = jpeg.Encode(&b, dst, &jpeg.Options{Quality: quality})
		ending = ".jpg"
	}
	return b.Bytes(), ending, err
}

// orientation is how a camera was held (EXIF, 1 to 8).
func orientation(data []byte, format string) int {
	formats := map[string]imagemeta.ImageFormat{"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "webp": imagemeta.WebP}
	kind, has := formats[format]
	if !has {
		return 1
	}
	held := 1
	_, _ = imagemeta.Decode(imagemeta.Options{R: bytes.NewReader(data), ImageFormat: kind, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if n, is := t.Value.(uint16); is && n >= 1 && n <= 8 {
				held = int(n)
			}
			return imagemeta.ErrStopWalking
		}}) // what cannot be read says nothing
	return held
}

// upright turns a picture the right way up, at most widest pixels wide.
func upright(src image.Image, held, widest int) image.Image {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if held >= 5 {
		w, h = h, w
	}
	scale := min(1, float64(widest)/float64(w))
	W, H := max(1, int(float64(w)*scale+.5)), max(1, int(float64(h)*scale+.5))
	if held == 1 && scale == 1 {
		return src
	}
	sx, sy := float64(W)/float64(w), float64(H)/float64(h)
	if held >= 5 {
		sx, sy = sy, sx
	}
	right, bottom := float64(W), float64(H)
	matrix := map[int]f64.Aff3{ // of the source's x and y
		1: {sx, 0, 0, 0, sy, 0},
		2: {-sx, 0, right, 0, sy, 0},
		3: {-sx, 0, right, 0, -sy, bottom},
		4: {sx, 0, 0, 0, -sy, bottom},
		5: {0, sy, 0, sx, 0, 0},
		6: {0, -sy, right, sx, 0, 0},
		7: {0, -sy, right, -sx, 0, bottom},
		8: {0, sy, 0, -sx, 0, bottom},
	}[held]
	matrix[2] -= matrix[0]*float64(b.Min.X) + matrix[1]*float64(b.Min.Y)
	matrix[5] -= matrix[3]*float64(b.Min.X) + matrix[4]*float64(b.Min.Y)
	dst := image.NewNRGBA(image.Rect(0, 0, W, H))
	draw.CatmullRom.Transform(dst, matrix, src, b, draw.Src, nil)
	return dst
}
