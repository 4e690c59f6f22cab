package publish

import (
	"regexp"
	"strings"
)

// Everything that the protocol itself keeps on a host stands below one folder of
// the site, as files like any others.
const archiveDir = "_releases"

func inArchive(name string) bool {
	return name == archiveDir || strings.HasPrefix(name, archiveDir+"/")
}

var releaseID = regexp.MustCompile(`^\d{8}T\d{6}Z-[0-9a-f]{8}$`)

func validRelease(id string) bool { return releaseID.MatchString(id) }
