package publish

import (
	"path"
	"regexp"
	"strings"
)

// Everything that the protocol itself keeps on a host stands below one folder of
// the site, as files like any others:
//
//	_releases/manifest.jsonl       the manifest of the release that is live
//	_releases/log/ID.jsonl         the manifests of the earlier releases that are kept
//	_releases/objects/5f0c12…      content that kept releases need and the live one
//	                               has no more, by its SHA-256
//	_releases/pending/ID.jsonl     what an unfinished publish may have touched
//	_releases/lock/TOKEN.json      who is publishing (lock.go)
const (
	archiveDir   = "_releases"
	manifestName = archiveDir + "/manifest.jsonl"
	logDir       = archiveDir + "/log"
	objectsDir   = archiveDir + "/objects"
	pendingDir   = archiveDir + "/pending"
	lockDir      = archiveDir + "/lock"
)

func inArchive(name string) bool {
	return name == archiveDir || strings.HasPrefix(name, archiveDir+"/")
}

func logName(id string) string     { return path.Join(logDir, id+".jsonl") }
func pendingName(id string) string { return path.Join(pendingDir, id+".jsonl") }
func objectName(sha string) string { return path.Join(objectsDir, sha) }
func releaseOf(name string) string { return strings.TrimSuffix(path.Base(name), ".jsonl") }

// keptHeader is how files of the archive are kept. They are for publishers; a
// reader who comes across one gets no old page that looks like a current one.
var keptHeader = Header{"Content-Type": "application/octet-stream", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

var releaseID = regexp.MustCompile(`^\d{8}T\d{6}Z-[0-9a-f]{8}$`)

func validRelease(id string) bool { return releaseID.MatchString(id) }
