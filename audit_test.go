package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// untold are use cases that change something and write no audit entry, with the
// reason.
var untold = map[string]string{
	"Uploads.Upload":       "the file's row says who and when, and its event tells it",
	"Uploads.UploadOnce":   "as Upload",
	"Uploads.CreateBatch":  "the batch's row says who and when",
	"Sessions.Create":      "the session's row says who and when",
	"Sessions.Append":      "bytes of a session; the file's row and event tell its end",
	"Sessions.PutPart":     "as Append",
	"Sessions.DeclareSize": "as Append",
	"Sessions.Complete":    "as Append",
	"Sessions.Join":        "as Create",
	"Endpoints.Test":       "the event and its delivery are kept",
	"Endpoints.Sample":     "as Test",
	"SecondFactor.Begin":   "nothing counts before the first code; Confirm tells it",
	"SecondFactor.Reseal":  "the system alone may, and nothing but the key changes",
	"Checks.Ask":           "the result is told, in the name of who asked",
}

// TestEveryChangeByAPersonIsAudited reads the use cases: an exported method that
// takes the actor and reaches a transaction reaches an audit entry too.
func TestEveryChangeByAPersonIsAudited(t *testing.T) {
	t.Parallel()
	calls, roots := readUseCases(t)
	reaches := func(from, to string) bool {
		seen, queue := map[string]bool{}, []string{from}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			if at == to {
				return true
			}
			if !seen[at] {
				seen[at] = true
				queue = append(queue, calls[at]...)
			}
		}
		return false
	}
	found := 0
	for name, from := range roots {
		if !reaches(from, "InTx") {
			continue
		}
		found++
		if _, known := untold[name]; !known && !reaches(from, "NewAuditEntry") {
			t.Errorf("%s changes something by an actor and writes no audit entry. Write one, or say here why not.", name)
		}
	}
	if found < 40 {
		t.Errorf("only %d use cases change something: the test reads too little", found)
	}
	for name := range untold {
		if roots[name] == "" {
			t.Errorf("%s is in the table, not in the code", name)
		}
	}
}

// readUseCases returns what each function of app calls, as package.name, and
// the exported methods that take an actor.
func readUseCases(t *testing.T) (calls map[string][]string, roots map[string]string) {
	t.Helper()
	calls, roots = map[string][]string{}, map[string]string{}
	err := filepath.WalkDir("app", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			name := file.Name.Name + "." + f.Name.Name
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					calls[name] = append(calls[name], called(file.Name.Name, f, call))
				}
				return true
			})
			if f.Recv != nil && f.Name.IsExported() && takesActor(f) {
				roots[receiver(f)+"."+f.Name.Name] = name
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return calls, roots
}

// called is what a call leads to, as package.name: a function of this package or
// of another, or a method of the receiver; else the bare name.
func called(pkg string, f *ast.FuncDecl, call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return pkg + "." + fun.Name
	case *ast.SelectorExpr:
		x, ok := fun.X.(*ast.Ident)
		switch {
		case fun.Sel.Name == "InTx" || fun.Sel.Name == "NewAuditEntry" || !ok:
		case f.Recv != nil && len(f.Recv.List[0].Names) > 0 && x.Name == f.Recv.List[0].Names[0].Name:
			return pkg + "." + fun.Sel.Name
		default:
			return x.Name + "." + fun.Sel.Name
		}
		return fun.Sel.Name
	}
	return ""
}

func takesActor(f *ast.FuncDecl) bool {
	return slices.ContainsFunc(f.Type.Params.List, func(p *ast.Field) bool {
		sel, ok := p.Type.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Actor"
	})
}

func receiver(f *ast.FuncDecl) string {
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if id, ok := of.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
