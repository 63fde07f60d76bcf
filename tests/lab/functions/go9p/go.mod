module kvm-fabric.dev/tests/lab/functions/go9p

go 1.24

require github.com/lionkov/go9p v0.0.0-20190125202718-b4200817c487
