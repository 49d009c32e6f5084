// `check envelope|log DIR`: Go's own Ed25519 over the envelope, and golang.org/x/mod's notes and tiled logs over
// checkpoint, proof and tiles.
//
// Ends with 0 where the verifier is convinced, with 1 where it refuses, and with 3 where it did not get so far.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// refusal is the verifier's no; every other error is a fault of the test.
type refusal struct{ why string }

func (r refusal) Error() string { return r.why }

func refused(format string, values ...any) error { return refusal{fmt.Sprintf(format, values...)} }

func main() {
	checks := map[string]func(string) error{"envelope": checkEnvelope, "log": checkLog}
	if len(os.Args) != 3 || checks[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "check envelope|log DIR")
		os.Exit(3)
	}
	err := checks[os.Args[1]](os.Args[2])
	var no refusal
	switch {
	case err == nil:
	case errors.As(err, &no):
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "broken:", err)
		os.Exit(3)
	}
}

// readKey reads a PEM and computes the key id: nothing in the folder says it.
func readKey(path string) (string, ed25519.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return "", nil, fmt.Errorf("%s is no PEM", path)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return "", nil, err
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return "", nil, fmt.Errorf("%s is no Ed25519 key", path)
	}
	id := sha256.Sum256(block.Bytes)
	return hex.EncodeToString(id[:]), public, nil
}

type envelope struct {
	Payload     string `json:"payload"`
	PayloadType string `json:"payloadType"`
	Signatures  []struct {
		KeyID string `json:"keyid"`
		Sig   string `json:"sig"`
	} `json:"signatures"`
}

// readEnvelope gives the envelope and what its signatures are over.
func readEnvelope(folder string) (read envelope, pae []byte, err error) {
	text, err := os.ReadFile(filepath.Join(folder, "outcome.dsse.json"))
	if err != nil {
		return read, nil, err
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return read, nil, err
	}
	payload, err := base64.StdEncoding.DecodeString(read.Payload)
	if err != nil {
		return read, nil, err
	}
	head := fmt.Sprintf("DSSEv1 %d %s %d ", len(read.PayloadType), read.PayloadType, len(payload))
	return read, append([]byte(head), payload...), nil
}

func checkEnvelope(folder string) error {
	read, pae, err := readEnvelope(folder)
	if err != nil {
		return err
	}
	for _, name := range []string{"engine-a.pub.pem", "engine-b.pub.pem"} {
		id, key, err := readKey(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		signed := false
		for _, signature := range read.Signatures {
			bytes, err := base64.StdEncoding.DecodeString(signature.Sig)
			if err != nil {
				return err
			}
			signed = signed || signature.KeyID == id && ed25519.Verify(key, pae, bytes)
		}
		if !signed {
			return refused("no signature of %s", id)
		}
	}
	return nil
}

// witness verifies cosignatures (C2SP tlog-cosignature), which x/mod leaves to its users.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newWitness(vkey string) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("witness.vkey is no key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("witness.vkey is no key of a witness")
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if parts[1] != hex.EncodeToString(id[:4]) {
		return nil, refused("the witness's key has another id")
	}
	return &witness{parts[0], binary.BigEndian.Uint32(id[:4]), ed25519.PublicKey(key[1:])}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

// open gives the tree of a checkpoint that both the log and the witness have signed.
func open(folder string, text []byte) (tree tlog.Tree, err error) {
	logKey, err := os.ReadFile(filepath.Join(folder, "log.vkey"))
	if err != nil {
		return tree, err
	}
	witnessKey, err := os.ReadFile(filepath.Join(folder, "witness.vkey"))
	if err != nil {
		return tree, err
	}
	log, err := note.NewVerifier(strings.TrimSpace(string(logKey)))
	if err != nil {
		return tree, refused("log.vkey: %v", err)
	}
	by, err := newWitness(strings.TrimSpace(string(witnessKey)))
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(text, note.VerifierList(log, by))
	if err != nil {
		return tree, refused("%v", err)
	}
	if len(opened.Sigs) != 2 {
		return tree, refused("the log and the witness must both have signed")
	}
	// tlog.ParseTree reads only the log of Go's own checksum database.
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != log.Name() || lines[3] != "" {
		return tree, refused("no checkpoint of %s", log.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, refused("%v", err)
	}
	if tree.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		return tree, refused("%v", err)
	}
	return tree, nil
}

type proof struct {
	index int64
	path  tlog.RecordProof
	note  []byte
}

// parseProof reads C2SP tlog-proof@v1.
func parseProof(text string) (read proof, err error) {
	head, rest, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return read, refused("no proof")
	}
	if !strings.HasPrefix(lines[1], "index ") {
		return read, refused("no index")
	}
	if read.index, err = strconv.ParseInt(lines[1][len("index "):], 10, 64); err != nil {
		return read, refused("%v", err)
	}
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return read, refused("%v", err)
		}
		read.path = append(read.path, hash)
	}
	read.note = []byte(rest)
	return read, nil
}

// tiles is the folder of a log.
type tiles string

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		// x/mod names the height of a tile too, which C2SP fixed at 8.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(string(t), path))
		if err != nil {
			return nil, err
		}
		read = append(read, bytes)
	}
	return read, nil
}

// entry reads one of a bundle's entries, each after its length in two bytes.
func (t tiles) entry(index, size int64) ([]byte, error) {
	if index >= size {
		return nil, refused("there is no entry %d", index)
	}
	width := size - index/256*256
	if width > 256 {
		width = 256
	}
	path := tlog.Tile{H: 8, L: 0, N: index / 256, W: int(width)}.Path()
	path = strings.Replace(path, "tile/8/0/", "tile/entries/", 1)
	rest, err := os.ReadFile(filepath.Join(string(t), path))
	if err != nil {
		return nil, err
	}
	for at := index % 256; ; at-- {
		if len(rest) < 2 {
			return nil, refused("no entry")
		}
		length := int(binary.BigEndian.Uint16(rest))
		if len(rest) < 2+length {
			return nil, refused("half an entry")
		}
		if at == 0 {
			return rest[2 : 2+length], nil
		}
		rest = rest[2+length:]
	}
}

// checkEntry looks whether an entry of the log is about the envelope.
func checkEntry(folder string, text []byte) error {
	var entry struct {
		PAE struct {
			SHA256 string `json:"sha256"`
		} `json:"pae"`
	}
	if err := json.Unmarshal(text, &entry); err != nil {
		return refused("the entry is not about an envelope")
	}
	_, pae, err := readEnvelope(folder)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(pae)
	if entry.PAE.SHA256 != hex.EncodeToString(digest[:]) {
		return refused("the entry is about another envelope")
	}
	return nil
}

func checkLog(folder string) error {
	text, err := os.ReadFile(filepath.Join(folder, "outcome.tlog-proof"))
	if err != nil {
		return err
	}
	given, err := parseProof(string(text))
	if err != nil {
		return err
	}
	tree, err := open(folder, given.note)
	if err != nil {
		return err
	}
	text, err = os.ReadFile(filepath.Join(folder, "log/checkpoint"))
	if err != nil {
		return err
	}
	served, err := open(folder, text)
	if err != nil {
		return err
	}
	log := tiles(filepath.Join(folder, "log"))
	entry, err := log.entry(given.index, served.N)
	if err != nil {
		return err
	}
	if err := checkEntry(folder, entry); err != nil {
		return err
	}
	leaf := tlog.RecordHash(entry)
	if err := tlog.CheckRecord(given.path, tree.N, tree.Hash, given.index, leaf); err != nil {
		return refused("%v", err)
	}
	// The log itself gives the same proof from its tiles, each of which is authenticated on the way.
	made, err := tlog.ProveRecord(served.N, given.index, tlog.TileHashReader(served, log))
	if err != nil {
		return refused("%v", err)
	}
	if err := tlog.CheckRecord(made, served.N, served.Hash, given.index, leaf); err != nil {
		return refused("%v", err)
	}
	if served.N == tree.N && fmt.Sprint(made) != fmt.Sprint(given.path) {
		return refused("the tiles give another proof")
	}
	return nil
}
