package web

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Coding is a content coding by its registered name.
type Coding string

// The codings that answers come in.
const (
	Identity Coding = "" // as it is
	Gzip     Coding = "gzip"
	Zstd     Coding = "zstd"
	Brotli   Coding = "br" // only of what was compressed beforehand
)

// minCompressed is the size, in bytes, from which compression pays: less fits
// into one packet anyway.
const minCompressed = 1024

// Levels of what is compressed while it is sent. The benchmark is
// BenchmarkCompress; higher ones cost several times the time for a few percent.
const (
	gzipLevel = 3
	zstdLevel = zstd.SpeedFastest
)

// AcceptedCoding returns the coding, of those that answers are compressed with
// while they are sent, that a request likes best; the denser one of two that it
// likes equally.
func AcceptedCoding(h http.Header) Coding { return ChooseCoding(h, Zstd, Gzip) }

// ChooseCoding returns the one of offers that a request likes best by the
// q-values of Accept-Encoding, the first of those that it likes equally;
// Identity if it likes that better.
func ChooseCoding(h http.Header, offers ...Coding) Coding {
	weights := map[string]float64{}
	for element := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		name, params, _ := strings.Cut(element, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "x-gzip" {
			name = string(Gzip)
		}
		if q, ok := quality(params); ok && name != "" {
			weights[name] = q
		}
	}
	best, most := Identity, 0.0
	if q, named := weights["identity"]; named {
		most = q
	}
	for _, c := range offers {
		q, named := weights[string(c)]
		if !named {
			q = weights["*"]
		}
		if q > most || q == most && q > 0 && best == Identity {
			best, most = c, q
		}
	}
	return best
}

// quality reads the parameters of one coding: a weight from 0 to 1, or none.
func quality(params string) (q float64, ok bool) {
	params = strings.TrimSpace(params)
	if params == "" {
		return 1, true
	}
	name, value, _ := strings.Cut(params, "=")
	if !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0, false
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return q, err == nil && q >= 0 && q <= 1
}

// encoder compresses what is written to it. Flush sends all that has been
// written, Close ends the stream.
type encoder interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// newEncoder returns an encoder that has to be Reset before its first use.
func newEncoder(c Coding, gzipLevel int, zstdLevel zstd.EncoderLevel) (encoder, error) {
	if c == Gzip {
		return gzip.NewWriterLevel(nil, gzipLevel)
	}
	// One goroutine and a small window: there may be many at once.
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstdLevel), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(256<<10), zstd.WithLowerEncoderMem(true))
}

// Compressor compresses answers while they are sent. Its zero value is ready;
// its methods are safe for concurrent use.
type Compressor struct {
	gzips, zstds sync.Pool
}

func (p *Compressor) pool(c Coding) *sync.Pool {
	if c == Gzip {
		return &p.gzips
	}
	return &p.zstds
}

func (p *Compressor) encoder(c Coding, to io.Writer) (encoder, error) {
	e, ok := p.pool(c).Get().(encoder)
	if !ok {
		var err error
		if e, err = newEncoder(c, gzipLevel, zstdLevel); err != nil {
			return nil, err
		}
	}
	e.Reset(to)
	return e, nil
}
