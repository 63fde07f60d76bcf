// Command crds prints, one JSON document a line, the custom resource definitions of Karpenter: its
// core, its AWS provider and its KWOK provider, exactly as those modules embed them.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	aws "github.com/aws/karpenter-provider-aws/pkg/apis"
	kwok "sigs.k8s.io/karpenter/kwok/apis"
	core "sigs.k8s.io/karpenter/pkg/apis"
)

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, crd := range append(append(core.CRDs, aws.CRDs...), kwok.CRDs...) {
		if err := out.Encode(crd); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
