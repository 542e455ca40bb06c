package service_test

import (
	"io"
	"testing"

	"github.com/latchkey-dev/latchkey/internal/latchkey"
	"github.com/latchkey-dev/latchkey/internal/listfile"
	"github.com/latchkey-dev/latchkey/internal/service"
	"github.com/latchkey-dev/latchkey/internal/service/servicetest"
)

// BenchmarkExportLicenses exports 200,000 licenses in each format.
func BenchmarkExportLicenses(b *testing.B) {
	const batches = 2
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			e := servicetest.NewOn(b, engine)
			app := e.App("bench")
			d, _ := latchkey.ParseDuration("30d")
			for range batches {
				_, err := e.Service.CreateLicenseBatch(e.Ctx(), app.ID, service.NewLicenses{Amount: 100_000, Charset: latchkey.Charset{Uppercase: true}, Level: 1, Duration: d, Note: "a note, as sellers write them"}, nil)
				if err != nil {
					b.Fatal(err)
				}
			}
			for _, format := range []listfile.Format{listfile.Text, listfile.CSV, listfile.JSON, listfile.Lines} {
				b.Run(string(format), func(b *testing.B) {
					var rows int64
					for b.Loop() {
						x, err := e.Service.BeginLicenseExport(e.Ctx(), app.ID, service.LicenseFilter{}, string(format))
						if err != nil {
							b.Fatal(err)
						}
						w := listfile.NewWriter(io.Discard, format, x.Tiers)
						err = x.Each(e.Ctx(), func(list []service.LicenseView) error {
							for i := range list {
								if err := w.Write(&list[i].License, list[i].UsedByName); err != nil {
									return err
								}
							}
							return nil
						})
						if err != nil || w.Count() != batches*100_000 {
							b.Fatal(w.Count(), err)
						}
						rows += w.Count()
					}
					b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
				})
			}
		})
	}
}
