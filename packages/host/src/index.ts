export type {
  FileChange,
  FileWatch,
  HostFile,
  HostFileKind,
  HostOperations,
  LoadedSheet,
  LoadFailure,
  LoadRequest,
  SaveOutcome,
  TrustQuestion,
} from "./api.ts";
