package store

import "context"

// ExportLicenses returns the next licenses of all that a query means, keys
// included, and where to go on, "" after the last; there may be more when none
// were found. Oldest first, a search costs the same however much it finds.
func (tx *Tx) ExportLicenses(ctx context.Context, appID string, q LicenseQuery) (list []LicenseRow, next string, err error) {
	if q.Search == "" || !q.Ascending || q.ByUse {
		if list, err = tx.Licenses(ctx, appID, q); len(list) == q.Limit && err == nil {
			if next = list[len(list)-1].ID; q.ByUse {
				next = UsePlace(&list[len(list)-1].License)
			}
		}
		return list, next, err
	}
	found, next, err := tx.SelectLicenses(ctx, appID, q)
	if err != nil || len(found) == 0 {
		return nil, next, err
	}
	ids := make([]string, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	list, err = tx.licensesByID(ctx, appID, ids, true)
	return list, next, err
}
