/** Short names for the shapes that the API's OpenAPI document states. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Change = Schemas["Change"];
export type ChangedEdge = Schemas["ChangedEdge"];
export type ChangedField = Schemas["ChangedField"];
export type ConnectorSummary = Schemas["ConnectorSummary"];
export type DatasetDetail = Schemas["DatasetDetail"];
export type DatasetPage = Schemas["DatasetPage"];
export type DatasetSummary = Schemas["DatasetSummary"];
export type DeadLetter = Schemas["DeadLetter"];
export type FacetCount = Schemas["FacetCount"];
export type FieldDetail = Schemas["FieldDetail"];
export type GraphAnswer = Schemas["GraphAnswer"];
export type GraphEdge = Schemas["Edge"];
export type GraphNode = Schemas["Node"];
export type HarvestStatus = Schemas["HarvestStatus"];
export type JobSummary = Schemas["JobSummary"];
export type Overview = Schemas["Overview"];
export type AuditRecord = Schemas["AuditRecord"];
export type BindingAnswer = Schemas["BindingAnswer"];
export type ClassDecision = Schemas["ClassDecision"];
export type PolicyDocument = Schemas["PolicyDocument"];
export type PolicyPlan = Schemas["PolicyPlan"];
export type PolicyVersion = Schemas["PolicyVersionAnswer"];
export type QualityCheck = Schemas["QualityCheck"];
export type RequestAnswer = Schemas["RequestAnswer"];
export type ScopeReach = Schemas["ScopeReach"];
export type UsageAnswer = Schemas["UsageAnswer"];
export type Session = Schemas["Session"];
export type SignIn = Schemas["SignIn"];
export type SignInWays = Schemas["SignInWays"];
export type SourceRequest = Schemas["SourceRequest"];
export type SourceSummary = Schemas["SourceSummary"];
export type SourceTest = Schemas["SourceTest"];
