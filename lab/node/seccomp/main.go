// Prints, as JSON, the seccomp profile that containerd gives by default to a container with the capabilities that are
// named as arguments (CAP_...).
//
// It is compiled together with containerd's own seccomp_default.go, see profile.ts, in which `architecture` takes the
// place of runtime.GOARCH: the profile of either architecture can then be had on any machine.
package main

import (
	"encoding/json"
	"os"

	"github.com/opencontainers/runtime-spec/specs-go"
)

var architecture = os.Getenv("PROFILE_ARCHITECTURE")

func main() {
	capabilities := &specs.LinuxCapabilities{Bounding: os.Args[1:]}
	profile := DefaultProfile(&specs.Spec{Process: &specs.Process{Capabilities: capabilities}})
	if err := json.NewEncoder(os.Stdout).Encode(profile); err != nil {
		panic(err)
	}
}
