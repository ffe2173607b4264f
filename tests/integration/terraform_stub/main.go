// A provider of Terraform that makes nothing.  It serves the schema in schema.json, beside the program, so that Terraform itself can
// validate and plan a configuration for a provider that is not there.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type attribute struct {
	Name                         string
	Type                         json.RawMessage
	Required, Optional, Computed bool
}

type nested struct {
	Name    string
	Nesting string // "list", "set" or "single"
	Least   int64
	Block   block
}

type block struct {
	Attributes []attribute
	Blocks     []nested
}

// The file: the address of the provider and its schemas by type.
type described struct {
	Address         string
	Provider        block
	Resources, Data map[string]block
}

func (b block) schema() (*tfprotov6.SchemaBlock, error) {
	out := &tfprotov6.SchemaBlock{}
	for _, a := range b.Attributes {
		kind, err := tftypes.ParseJSONType(a.Type)
		if err != nil {
			return nil, err
		}
		out.Attributes = append(out.Attributes, &tfprotov6.SchemaAttribute{Name: a.Name, Type: kind, Required: a.Required, Optional: a.Optional, Computed: a.Computed})
	}
	for _, n := range b.Blocks {
		inner, err := n.Block.schema()
		if err != nil {
			return nil, err
		}
		mode := tfprotov6.SchemaNestedBlockNestingModeList
		switch n.Nesting {
		case "set":
			mode = tfprotov6.SchemaNestedBlockNestingModeSet
		case "single":
			mode = tfprotov6.SchemaNestedBlockNestingModeSingle
		}
		out.BlockTypes = append(out.BlockTypes, &tfprotov6.SchemaNestedBlock{TypeName: n.Name, Block: inner, Nesting: mode, MinItems: n.Least})
	}
	return out, nil
}

func schemas(blocks map[string]block) (map[string]*tfprotov6.Schema, error) {
	out := map[string]*tfprotov6.Schema{}
	for name, b := range blocks {
		inner, err := b.schema()
		if err != nil {
			return nil, err
		}
		out[name] = &tfprotov6.Schema{Block: inner}
	}
	return out, nil
}

// server answers what validate, plan and test ask for.  Whatever else Terraform calls is a nil interface and ends the program.
type server struct {
	tfprotov6.ProviderServer
	provider        *tfprotov6.Schema
	resources, data map[string]*tfprotov6.Schema
}

// fill replaces the computed attributes of a value that are null.
func fill(schema *tfprotov6.Schema, value *tfprotov6.DynamicValue, with func(tftypes.Type) tftypes.Value) (*tfprotov6.DynamicValue, error) {
	kind := schema.ValueType()
	whole, err := value.Unmarshal(kind)
	if err != nil || whole.IsNull() {
		return value, err
	}
	members := map[string]tftypes.Value{}
	if err := whole.As(&members); err != nil {
		return nil, err
	}
	for _, a := range schema.Block.Attributes {
		if a.Computed && members[a.Name].IsNull() {
			members[a.Name] = with(a.Type)
		}
	}
	out, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, members))
	return &out, err
}

func unknown(kind tftypes.Type) tftypes.Value {
	return tftypes.NewValue(kind, tftypes.UnknownValue)
}

// made is what data sources are found to be: texts are a JSON text and their own name, the rest is null.
func made(kind tftypes.Type) tftypes.Value {
	if kind.Is(tftypes.String) {
		return tftypes.NewValue(kind, `"made"`)
	}
	return tftypes.NewValue(kind, nil)
}

func (s *server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	out := &tfprotov6.GetMetadataResponse{ServerCapabilities: &tfprotov6.ServerCapabilities{}}
	for name := range s.resources {
		out.Resources = append(out.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range s.data {
		out.DataSources = append(out.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return out, nil
}

func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{Provider: s.provider, ResourceSchemas: s.resources, DataSourceSchemas: s.data,
		ServerCapabilities: &tfprotov6.ServerCapabilities{}}, nil
}

func (s *server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (s *server) ValidateProviderConfig(_ context.Context, r *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: r.Config}, nil
}

func (s *server) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (s *server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s *server) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (s *server) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (s *server) PlanResourceChange(_ context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	planned, err := fill(s.resources[r.TypeName], r.ProposedNewState, unknown)
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

func (s *server) ReadDataSource(_ context.Context, r *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	state, err := fill(s.data[r.TypeName], r.Config, made)
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}

func main() {
	program, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(program), "schema.json"))
	if err != nil {
		log.Fatal(err)
	}
	var d described
	if err := json.Unmarshal(text, &d); err != nil {
		log.Fatal(err)
	}
	s := &server{}
	provider, err := d.Provider.schema()
	s.provider = &tfprotov6.Schema{Block: provider}
	if err == nil {
		s.resources, err = schemas(d.Resources)
	}
	if err == nil {
		s.data, err = schemas(d.Data)
	}
	if err == nil {
		err = tf6server.Serve(d.Address, func() tfprotov6.ProviderServer { return s })
	}
	if err != nil {
		log.Fatal(err)
	}
}
