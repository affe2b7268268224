//! What a route says about itself.

use crate::shape;
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
    Schema, Type,
};

/// A route's summary, parameters, body and answers.
#[derive(Clone)]
pub struct Description {
    pub(crate) summary: &'static str,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
    pub(crate) answers: Vec<(u16, Response)>,
    pub(crate) problems: Vec<u16>,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
}

impl Description {
    /// What the route does, in one sentence.
    pub(crate) fn new(summary: &'static str) -> Self {
        Self {
            summary,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            problems: Vec::new(),
            schemas: Vec::new(),
        }
    }

    /// A parameter of the query.
    pub(crate) fn query(self, name: &'static str, text: &'static str) -> Self {
        self.parameter(name, ParameterIn::Query, Type::String, text)
    }

    /// `limit` and `after`.
    pub(crate) fn paged(self) -> Self {
        self.parameter(
            "limit",
            ParameterIn::Query,
            Type::Integer,
            "Rows of the page: 50, at most 500.",
        )
        .query("after", "The `next` of the page before.")
    }

    /// `If-Match`, and 412 where it is stale.
    pub(crate) fn versioned(mut self) -> Self {
        self.problems.push(412);
        let text = "Version that the change was made against, such as `\"18\"`.";
        self.parameter("If-Match", ParameterIn::Header, Type::String, text)
    }

    /// `Idempotency-Key`.
    pub(crate) fn once(self) -> Self {
        let text = "A fresh key for each request; the same one to repeat it.";
        self.parameter("Idempotency-Key", ParameterIn::Header, Type::String, text)
    }

    /// `Prefer: wait=N`.
    pub(crate) fn waits(self) -> Self {
        let text = "`wait=5`: answer when the workflows that this starts have ended or wait, after 5 seconds at the latest.";
        self.parameter("Prefer", ParameterIn::Header, Type::String, text)
    }

    fn parameter(mut self, name: &str, place: ParameterIn, kind: Type, text: &str) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(Required::False)
            .description(Some(text))
            .schema(Some(ObjectBuilder::new().schema_type(kind)))
            .build();
        self.parameters.push(parameter);
        self
    }

    /// A JSON body.
    pub(crate) fn json_body<T: ToSchema>(mut self) -> Self {
        let content = ContentBuilder::new()
            .schema(Some(self.reference::<T>()))
            .build();
        self.body = Some(
            RequestBodyBuilder::new()
                .content("application/json", content)
                .required(Some(Required::True))
                .build(),
        );
        self
    }

    /// A body of bytes, in one of these media types.
    pub(crate) fn bytes_body(mut self, media_types: &[&str]) -> Self {
        let mut body = RequestBodyBuilder::new().required(Some(Required::True));
        for media_type in media_types {
            let content = ContentBuilder::new()
                .schema(Some(ObjectBuilder::new()))
                .build();
            body = body.content(*media_type, content);
        }
        self.body = Some(body.build());
        self
    }

    /// An answer with JSON.
    pub(crate) fn answer<T: ToSchema>(mut self, status: u16, text: &str) -> Self {
        let schema = self.reference::<T>();
        self.json_answer(status, text, schema)
    }

    /// An answer with a case: JSON, its version as `ETag`.
    pub(crate) fn case_answer(mut self, status: u16, text: &str) -> Self {
        let content = ContentBuilder::new()
            .schema(Some(self.reference::<shape::case::Case>()))
            .build();
        let mut version = HeaderBuilder::new().build();
        version.description = Some("The version in quotation marks.".to_owned());
        let response = ResponseBuilder::new()
            .description(text)
            .content("application/json", content)
            .header("ETag", version)
            .build();
        self.answers.push((status, response));
        self
    }

    /// An answer with a page of a list.
    pub(crate) fn page<T: ToSchema>(mut self, text: &str) -> Self {
        let items = ArrayBuilder::new().items(self.reference::<T>());
        let next = OneOfBuilder::new()
            .item(ObjectBuilder::new().schema_type(Type::String))
            .item(ObjectBuilder::new().schema_type(Type::Null));
        let page = ObjectBuilder::new()
            .property("items", items)
            .property("next", next)
            .required("items")
            .required("next");
        self.json_answer(200, text, RefOr::T(page.build().into()))
    }

    /// An answer with bytes or text.
    pub(crate) fn bytes_answer(mut self, status: u16, media_type: &str, text: &str) -> Self {
        let content = ContentBuilder::new()
            .schema(Some(ObjectBuilder::new()))
            .build();
        let response = ResponseBuilder::new()
            .description(text)
            .content(media_type, content)
            .build();
        self.answers.push((status, response));
        self
    }

    /// An answer without a body.
    pub(crate) fn empty_answer(mut self, status: u16, text: &str) -> Self {
        let response = ResponseBuilder::new().description(text).build();
        self.answers.push((status, response));
        self
    }

    /// Further statuses with which the route says no.
    pub(crate) fn refuses(mut self, statuses: &[u16]) -> Self {
        self.problems.extend_from_slice(statuses);
        self
    }

    fn json_answer(mut self, status: u16, text: &str, schema: RefOr<Schema>) -> Self {
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let response = ResponseBuilder::new()
            .description(text)
            .content("application/json", content)
            .build();
        self.answers.push((status, response));
        self
    }

    fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let name = T::name().into_owned();
        T::schemas(&mut self.schemas);
        self.schemas.push((name.clone(), T::schema()));
        RefOr::Ref(Ref::from_schema_name(name))
    }
}
