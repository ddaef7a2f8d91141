// Command sumdb reads a log's folder with the code of Go's checksum database:
// it opens the signed checkpoint, hashes the tree from the tiles, checks that each
// entry is in it, and that the tree of an earlier size is its start.
//
//	sumdb FOLDER VKEY-FILE [EARLIER-SIZE]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder struct{ root string }

func (folder) Height() int                      { return 8 }
func (folder) SaveTiles([]tlog.Tile, [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		// The checksum database says tile/8/L/N where tlog-tiles says tile/L/N.
		path := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.root, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func entries(root string, size int64) (all [][]byte) {
	for n := int64(0); n*256 < size; n++ {
		t := tlog.Tile{H: 8, L: -1, N: n, W: int(min(256, size-n*256))}
		path := strings.Replace(t.Path(), "tile/8/data/", "tile/entries/", 1)
		data := must(os.ReadFile(filepath.Join(root, path)))
		for len(data) > 0 {
			length := 2 + int(binary.BigEndian.Uint16(data))
			all, data = append(all, data[2:length]), data[length:]
		}
	}
	return all
}

func main() {
	root := os.Args[1]
	verifier := must(note.NewVerifier(strings.TrimSpace(string(must(os.ReadFile(os.Args[2]))))))
	signed := must(note.Open(must(os.ReadFile(filepath.Join(root, "checkpoint"))), note.VerifierList(verifier)))
	lines := strings.Split(signed.Text, "\n")
	size := must(strconv.ParseInt(lines[1], 10, 64))
	tree := tlog.Tree{N: size, Hash: tlog.Hash(must(base64.StdEncoding.DecodeString(lines[2])))}
	reader := tlog.TileHashReader(tree, folder{root})
	if must(tlog.TreeHash(size, reader)) != tree.Hash {
		log.Fatal("the tiles do not give the signed root")
	}
	found := entries(root, size)
	if int64(len(found)) != size {
		log.Fatalf("%d entries, %d signed", len(found), size)
	}
	for index, entry := range found {
		proof := must(tlog.ProveRecord(size, int64(index), reader))
		if err := tlog.CheckRecord(proof, size, tree.Hash, int64(index), tlog.RecordHash(entry)); err != nil {
			log.Fatalf("entry %d: %v", index, err)
		}
	}
	if len(os.Args) > 3 {
		earlier := must(strconv.ParseInt(os.Args[3], 10, 64))
		old := must(tlog.TreeHash(earlier, reader))
		if err := tlog.CheckTree(must(tlog.ProveTree(size, earlier, reader)), size, tree.Hash, earlier, old); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(size)
}
