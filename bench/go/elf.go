// Reads ELF files with Go's own library, and says what that takes.
//
// Arguments: the number of rounds that are timed, and a file with a path on each line. Every path is opened with debug/elf
// and asked for its libraries, then read with debug/buildinfo. Prints the microseconds a file of every round, as JSON, after
// one round that is not timed; and on standard error how many files had libraries and how many were Go's, so that nobody
// measures failures.
package main

import (
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

func read(path string) (libraries, goProgram bool) {
	file, err := elf.Open(path)
	if err != nil {
		return false, false
	}
	needed, err := file.ImportedLibraries()
	file.Close()
	_, notGo := buildinfo.ReadFile(path)
	return err == nil && len(needed) > 0, notGo == nil
}

func main() {
	rounds, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	list, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	paths := strings.Split(strings.TrimSpace(string(list)), "\n")
	var taken []float64
	for round := 0; round <= rounds; round++ {
		libraries, goPrograms := 0, 0
		start := time.Now()
		for _, path := range paths {
			needed, goProgram := read(path)
			if needed {
				libraries++
			}
			if goProgram {
				goPrograms++
			}
		}
		microseconds := float64(time.Since(start).Nanoseconds()) / 1e3 / float64(len(paths))
		if round > 0 {
			taken = append(taken, microseconds)
		} else {
			fmt.Fprintf(os.Stderr, "%d with libraries, %d of Go\n", libraries, goPrograms)
		}
	}
	json.NewEncoder(os.Stdout).Encode(taken)
}
