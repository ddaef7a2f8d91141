// Command sumdb reads a log's folder with the code of Go's checksum database:
// it opens the signed checkpoint, hashes the tree from the tiles, checks that each
// entry is in it, and that the tree of an earlier size is its start.
//
//	sumdb FOLDER VKEY-FILE [EARLIER-SIZE]
//
// The vkey file may have several keys; each must have signed. Those of cosignatures,
// Ed25519 and ML-DSA-44, are checked by transparency-dev/formats.
//
// It also checks a .tlog-proof, read by transparency-dev/formats:
//
//	sumdb -proof PROOF-FILE LEAF-FILE VKEY-FILE
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

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder struct{ root string }

func (folder) Height() int                     { return 8 }
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
			length := len(data) + 1
			if len(data) >= 2 {
				length = 2 + int(binary.BigEndian.Uint16(data))
			}
			if length > len(data) {
				log.Fatalf("%s ends inside entry %d", path, len(all))
			}
			all, data = append(all, data[2:length]), data[length:]
		}
	}
	return all
}

// verifiers returns the keys of a file, one a line.
func verifiers(path string) (all []note.Verifier) {
	for _, line := range strings.Fields(string(must(os.ReadFile(path)))) {
		all = append(all, must(fnote.NewVerifier(line)))
	}
	return all
}

// open returns a checkpoint's size and root; every key must have signed it.
func open(signed []byte, keys []note.Verifier) (int64, tlog.Hash) {
	opened := must(note.Open(signed, note.VerifierList(keys...)))
	if len(opened.Sigs) != len(keys) {
		log.Fatalf("%d keys, %d of them signed", len(keys), len(opened.Sigs))
	}
	lines := strings.Split(opened.Text, "\n")
	root := must(base64.StdEncoding.DecodeString(lines[2]))
	return must(strconv.ParseInt(lines[1], 10, 64)), tlog.Hash(root)
}

func checkProof(proofFile, leafFile, keyFile string) {
	var p proof.TLogProof
	if err := p.Unmarshal(must(os.ReadFile(proofFile))); err != nil {
		log.Fatal(err)
	}
	size, root := open(p.Checkpoint, verifiers(keyFile))
	var path tlog.RecordProof
	for _, hash := range p.Hashes {
		path = append(path, tlog.Hash(hash))
	}
	leaf := tlog.RecordHash(must(os.ReadFile(leafFile)))
	if err := tlog.CheckRecord(path, size, root, int64(p.Index), leaf); err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Index)
}

func main() {
	if os.Args[1] == "-proof" {
		checkProof(os.Args[2], os.Args[3], os.Args[4])
		return
	}
	root := os.Args[1]
	size, hash := open(must(os.ReadFile(filepath.Join(root, "checkpoint"))), verifiers(os.Args[2]))
	tree := tlog.Tree{N: size, Hash: hash}
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
