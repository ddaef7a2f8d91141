// Command witness runs the two programs that the tests of witnessing need and that
// were not written here: transparency-dev's witness, and a log of Tessera's whose
// checkpoints witnesses must have cosigned.
//
//	witness serve LISTEN KEY-FILE LOG-VKEY-FILE
//	witness append FOLDER KEY-FILE POLICY-FILE ENTRY...
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"github.com/transparency-dev/witness/persistence/inmemory"
	"github.com/transparency-dev/witness/witness"
	"golang.org/x/mod/sumdb/note"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func text(path string) string {
	return strings.TrimSpace(string(must(os.ReadFile(path))))
}

func serve(ctx context.Context, listen, keyFile, logKeyFile string) {
	signer := must(fnote.NewSignerForCosignatureV1(text(keyFile)))
	trusted := must(note.NewVerifier(text(logKeyFile)))
	w := must(witness.New(ctx, witness.Opts{
		Persistence: inmemory.New(),
		Signers:     []note.Signer{signer},
		VerifierForLog: func(_ context.Context, origin string) (note.Verifier, bool, error) {
			return trusted, origin == trusted.Name(), nil
		},
	}))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", witness.NewHTTPHandler(w).AddCheckpoint)
	log.Fatal(http.ListenAndServe(listen, mux))
}

// appendAll adds the entries, one by one, each to a checkpoint that the policy's
// witnesses have cosigned, and prints its index.
func appendAll(ctx context.Context, folder, keyFile, policyFile string, entries []string) {
	group := must(tessera.NewWitnessGroupFromPolicy(must(os.ReadFile(policyFile))))
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(must(note.NewSigner(text(keyFile)))).
		WithBatching(1, time.Millisecond).
		WithCheckpointInterval(100*time.Millisecond).
		WithWitnesses(group, &tessera.WitnessOptions{Timeout: 2 * time.Second, FailOpen: false})
	driver := must(posix.New(ctx, posix.Config{Path: folder}))
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		log.Fatal(err)
	}
	awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 20*time.Millisecond)
	for _, entry := range entries {
		index, _, err := awaiter.Await(ctx, appender.Add(ctx, tessera.NewEntry([]byte(entry))))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(index.Index)
	}
	if err := shutdown(ctx); err != nil {
		log.Fatal(err)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	switch os.Args[1] {
	case "serve":
		serve(ctx, os.Args[2], os.Args[3], os.Args[4])
	case "append":
		appendAll(ctx, os.Args[2], os.Args[3], os.Args[4], os.Args[5:])
	}
}
